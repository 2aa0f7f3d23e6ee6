"""Training: the first state, the trainer, the one loop and what watches it, many trainers in one pass, edits."""

"""Training: the first state, the trainer, many trainers in one pass, edits, divergence."""

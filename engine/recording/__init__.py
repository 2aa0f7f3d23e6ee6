"""What is recorded of a run, in bounded memory."""

"""A training step as a list of instructions, and the matrix products in it."""

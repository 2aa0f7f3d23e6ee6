"""A training step as a list of instructions, and the products of matrices in it."""

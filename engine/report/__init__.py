"""What is asked of a step and what is answered: immutable types, without anything that computes."""

"""A lane from many seeds on the screen: bands in its curves, and a chip that says how many of them learn."""

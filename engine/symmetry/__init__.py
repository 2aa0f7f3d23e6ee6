"""What is equal in a network, what will stay equal, and the small network that computes the same."""

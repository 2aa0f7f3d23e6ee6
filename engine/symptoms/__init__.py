"""What is seen of a network that does not learn, which causes come into question, and what would cure each of them."""

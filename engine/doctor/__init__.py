"""What is wrong with a network that does not learn: symptoms propose causes, experiments tell them apart."""

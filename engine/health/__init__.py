"""What is measured of the layers of a network, and what of it keeps the network from learning."""

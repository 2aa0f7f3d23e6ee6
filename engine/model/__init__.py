"""What a network is made of: activations, losses, optimizers, initializers, and where its parameters lie."""

"""Every sentence about a network: how its layers are, what keeps it from learning, and why."""

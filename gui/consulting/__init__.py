"""What other processes find out about lanes, what is wrong and which start is right, and what is done with it."""

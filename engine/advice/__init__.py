"""The advisor: which initial weights suit a network on its data, by theory and by a race."""

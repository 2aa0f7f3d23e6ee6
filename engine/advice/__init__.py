"""Which start is right for a network and its data: by theory, and by a race of all starts that make sense."""

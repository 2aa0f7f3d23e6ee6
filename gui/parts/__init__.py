"""How the room of the window is shared out among its parts."""

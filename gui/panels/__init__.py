"""The experiment panel at the left, the bar at the bottom, and notices."""

"""File formats of numbers, read with bounded memory."""

"""Keeping how a session is looked at, bringing it back, and the scenes of a lecture."""

"""From an experiment to a tape."""

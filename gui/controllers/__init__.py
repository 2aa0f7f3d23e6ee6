"""Controllers turn requests of the views into commands for the engine."""

"""From a snapshot to what is drawn: pure functions, no widgets."""

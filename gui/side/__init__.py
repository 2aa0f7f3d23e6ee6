"""The panel at the right of the lanes, and its pages, each about one lane."""

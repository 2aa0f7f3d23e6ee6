"""What opens beside or over the window: the touch dialog, the help page, questions."""

"""The laboratory behind the window: lanes in lockstep, in a thread of their own."""

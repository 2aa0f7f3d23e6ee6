"""The laboratory behind the window: lanes in lockstep, in a thread of their own, and a log of what was done to them."""

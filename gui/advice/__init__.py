"""Which start is right for one lane: what theory says of it, the ranking of a race, and what to do with a start."""

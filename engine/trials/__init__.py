"""Trial runs: many short runs of changed experiments, and which of them learn."""

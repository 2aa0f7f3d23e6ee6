"""What is worked out about a step when somebody looks."""

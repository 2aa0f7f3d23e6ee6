"""What everything else rests on: errors, choices by name, randomness, array types."""

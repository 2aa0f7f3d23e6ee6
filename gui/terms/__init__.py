"""What the engine calls things, in the words of people: fields, kinds, settings, and what was done."""

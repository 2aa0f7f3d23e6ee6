"""Conditions under which training stops: how they are written, what they ask of a step, and who watches for them."""

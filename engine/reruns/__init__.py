"""Lanes trained once more beside their run: for curves that somebody keeps, and from other seeds."""

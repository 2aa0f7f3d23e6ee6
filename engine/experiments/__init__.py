"""Experiments: what determines a run, as a file, with its variants and changes."""

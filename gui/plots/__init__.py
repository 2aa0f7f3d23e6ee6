"""Plots across all lanes: curves, the data space, colour bars."""

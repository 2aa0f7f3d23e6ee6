"""Plots across all lanes: curves and colour bars."""

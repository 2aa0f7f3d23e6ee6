"""Panels, bars and dialogs around the lanes."""

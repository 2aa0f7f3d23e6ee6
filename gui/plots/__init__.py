"""Curves across all lanes, against the step."""

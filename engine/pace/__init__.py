"""When things are worked out while the window is watched: frames, looks for alarms, values that are dragged."""

"""What is drawn of one lane: its graph and its heatmaps."""

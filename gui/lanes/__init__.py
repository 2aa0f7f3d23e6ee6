"""One lane for each variant, side by side: its name and state, its graph, its data space and its heatmaps."""

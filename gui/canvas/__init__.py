"""The drawings of a network: graphs and heatmaps."""

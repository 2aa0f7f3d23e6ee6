"""The side panel and its pages, the bar at the bottom, notices."""

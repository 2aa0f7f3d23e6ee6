"""Small widgets that every view can use."""

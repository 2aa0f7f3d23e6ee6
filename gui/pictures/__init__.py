"""What is on the screen as files: PNG, SVG and PDF."""

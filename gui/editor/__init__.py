"""What the experiment panel shows, made from the kinds themselves: a new kind or field appears by itself. No Qt."""

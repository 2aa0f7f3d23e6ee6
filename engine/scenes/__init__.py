"""How a session is looked at: what is shown and selected, and scenes, which are such views with a name and a note."""

"""The import: people's own data and weights, looked at in a dialog and taken over in one action."""

"""The controls of the experiment panel: they show fields of a form and ask for values."""

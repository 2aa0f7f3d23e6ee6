"""The start page: cards of experiments with their pictures, recent files, a new experiment."""

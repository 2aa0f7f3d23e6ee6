"""The command line: what ends it, where it prints, and what it says of results. It knows no Qt."""

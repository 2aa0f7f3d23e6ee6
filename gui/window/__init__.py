"""The main window: what it consists of, its actions and menus, and what it remembers."""

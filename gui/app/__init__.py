"""The program: its objects, how they are connected, its clock, its picture without a display."""

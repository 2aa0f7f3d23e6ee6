"""What a file of people's own is: samples or weights, and what an experiment makes of it.

The result is always an ordinary experiment that names the file, so that it can be saved, printed and read again.
"""

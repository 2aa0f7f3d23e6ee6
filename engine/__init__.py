"""The laboratory without a window: experiments, training, recording and symmetry, in NumPy."""

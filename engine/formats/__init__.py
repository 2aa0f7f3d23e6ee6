"""Data files: CSV, IDX and NPZ, read with bounded memory.

The readers are our own, because the usual ones trust the file: `np.load` allocates what a header announces and unpacks
archives without a limit, and `csv.reader` joins lines without end after a quote that is never closed.
"""

"""One update, operation by operation: the formula, written out for a cell, and the matrices that it reads and writes."""

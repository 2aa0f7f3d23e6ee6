"""The driver: runs the instructions of a tape, step after step, without the interpreter."""

"""Files of named arrays, whoever wrote them: NumPy, PyTorch and safetensors, told apart by their first bytes.

Nothing in a file is ever run, and sizes are checked before memory is taken.
"""

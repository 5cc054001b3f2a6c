"""A recipe as a program: a short script with PyTorch or NumPy that trains the same model."""

"""Training with NumPy alone, written to be read: layers, losses, the loop."""

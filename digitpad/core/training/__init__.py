"""Training with PyTorch: configuration, recipes, losses, optimizers, the loop."""

"""Convert strokes or a picture to a 28x28 digit image in MNIST's geometry."""

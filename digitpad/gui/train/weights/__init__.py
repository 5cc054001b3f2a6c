"""The weights of a run as images, and the slider over its epochs."""

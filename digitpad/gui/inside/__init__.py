"""The network alive: the values of each layer for one image, and what one unit computes."""

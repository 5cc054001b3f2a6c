"""Detect digits: whether an image shows one, and which pixels of a picture are its ink."""

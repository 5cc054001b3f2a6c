"""Labelled digit images in memory, and the IDX files they are stored in."""

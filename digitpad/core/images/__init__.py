"""Labelled digit images in memory and in IDX files."""

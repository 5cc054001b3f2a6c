"""Ink, digits, models, training and evaluation; no Qt."""

"""Paths, atomic writes, locks between windows, CSV tables."""

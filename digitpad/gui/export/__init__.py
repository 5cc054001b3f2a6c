"""Exports in the background, and contact sheets."""

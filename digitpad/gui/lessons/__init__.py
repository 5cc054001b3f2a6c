"""Lessons in the window: the panel, what a step shows, and when it is done."""

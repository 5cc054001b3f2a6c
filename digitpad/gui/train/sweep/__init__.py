"""Comparing settings: the dialog that asks for them, their queue, and their results."""

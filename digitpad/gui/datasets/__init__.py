"""Choosing a data set, and offering its download."""

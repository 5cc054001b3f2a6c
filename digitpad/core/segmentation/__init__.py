"""Segment a drawn number into candidate digits."""

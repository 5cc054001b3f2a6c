"""Training a model further on the user's own digits."""

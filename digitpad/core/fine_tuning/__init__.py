"""Training a model further on the user's digits."""

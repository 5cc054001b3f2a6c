"""A drawn number to candidate digits."""

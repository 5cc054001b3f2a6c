"""Two windows on the same folder."""

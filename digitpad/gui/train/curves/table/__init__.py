"""The figures of the learning curves as a table."""

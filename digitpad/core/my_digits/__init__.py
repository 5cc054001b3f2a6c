"""The drawings that the user labelled, in one SQLite database."""

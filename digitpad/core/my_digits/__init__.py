"""My digits: the user's labelled drawings in a SQLite database."""

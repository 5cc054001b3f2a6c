"""The panel that trains on the user's digits."""

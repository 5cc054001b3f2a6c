"""The side of the Draw tab that shows answers."""

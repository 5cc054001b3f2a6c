"""The view "Teach it": draw each digit three times, then train a model on them."""

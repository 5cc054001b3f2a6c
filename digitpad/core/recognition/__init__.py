"""Recognition: from a drawing to a digit, a non-digit or a number."""

"""From a drawing to an answer: one digit, no digit, or a number."""

"""The guide, labels that lead to it, and the cards of the first start."""

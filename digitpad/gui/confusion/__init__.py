"""The confusion matrix and the figures per digit."""

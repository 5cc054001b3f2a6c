"""The table of runs in the Train tab, and what can be done with them."""

"""Random use for a long time, and many trainings."""

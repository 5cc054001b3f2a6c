"""What a run has learned: its weights as images, the truth table of a gate, and the slider over the epochs."""

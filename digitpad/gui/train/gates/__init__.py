"""Logic gates: the truth table of a model, and perceptrons with weights set by hand."""

"""Logic gates by hand: perceptrons whose weights the user sets."""

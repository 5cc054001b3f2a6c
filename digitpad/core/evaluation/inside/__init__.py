"""One image inside a model: the values of each layer, how one unit computes its value, and what excites it."""

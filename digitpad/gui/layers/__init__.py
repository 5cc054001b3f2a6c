"""The window "Layer by layer": one image on its way through a model, and the gradients on their way back."""

"""The network of the form as a picture: its layers, their settings, and what they learn."""

"""Model specs, networks, model files and inference."""

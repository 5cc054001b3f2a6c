"""How well a model does, on which samples it fails, and why."""

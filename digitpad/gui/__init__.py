"""The window: widgets, signals and threads over core."""

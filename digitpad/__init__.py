"""digitpad: draw a digit and see it recognised, and see why."""

__version__ = "0.1.0"

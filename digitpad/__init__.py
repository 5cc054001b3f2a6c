"""digitpad: draw a digit and see it recognised, and see why."""

import os

__version__ = "0.1.0"

# OpenMP's threads wait for each other by spinning unless told before torch is loaded. Where others use the processors
# too, the window among them, that makes a step of training ten to a hundred times slower; sleeping costs little.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

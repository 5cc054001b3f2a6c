"""digitpad: draw a digit and see it recognised, and see why."""

import os

__version__ = "0.1.0"

# OpenMP's threads wait for each other by spinning, for milliseconds unless told before torch is loaded. Where others
# use the processors too, the window among them, that makes a step of training ten to a hundred times slower; to sleep
# at once makes it half as fast on idle ones. Some microseconds of spinning are good for both.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")

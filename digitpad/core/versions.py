"""What a training was done with."""

import platform

from digitpad import __version__


def versions() -> dict[str, str]:
    """Return the versions that a training's figures may hang on, by name."""
    import numpy as np
    import torch

    return {
        "digitpad": __version__,
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }

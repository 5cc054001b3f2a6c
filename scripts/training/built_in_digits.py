"""Make assets/digits/digits.npz, the built-in digits, from scikit-learn's 8x8 images of UCI's set.

    .venv/bin/python scripts/training/built_in_digits.py

Each image is enlarged smoothly, and then brought into MNIST's geometry like any picture on the pad.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from digitpad.core.images.built_in_digits import FILE
from digitpad.core.images.digits import to_bytes
from digitpad.core.ink import ink_mask


def enlarged(image: np.ndarray) -> np.ndarray:
    """Return an image (8, 8) with values in 0–16 as (28, 28) uint8 in MNIST's geometry."""
    padded = Image.fromarray(np.pad(image / 16.0, 1).astype(np.float32))
    smooth = np.asarray(padded.resize((80, 80), Image.Resampling.BICUBIC))
    return to_bytes(ink_mask.digit_image(np.clip(smooth, 0, 1), palest=1.0).pixels)


def main() -> None:
    """Write the file."""
    values, labels = load_digits(return_X_y=True)
    originals = np.asarray(values).reshape(-1, 8, 8).astype(np.uint8)
    images = np.stack([enlarged(image) for image in originals])
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, images=images, originals=originals, labels=np.asarray(labels).astype(np.uint8))
    print(f"{len(images)} digits, {FILE.stat().st_size // 1024} KiB: {FILE}")


if __name__ == "__main__":
    main()

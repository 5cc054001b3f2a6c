"""All the bits of 16-bit pictures in colour, of which Pillow reads the upper eight.

Cameras store 10 or 12 bits in 16, so that the upper eight hold only the values 0 to 3, or 0 to 15.
"""

from typing import Any

import numpy as np
from PIL import Image, ImageChops

_DEEP = ("RGB;16", "RGBA;16")
# The other order of the two bytes of a value: what Pillow then reads are the lower eight bits.
_SWAPPED = {"B": "L", "L": "B", "N": "B"}


def has_unread_bits(picture: Image.Image) -> bool:
    """Return whether an opened picture in colour has 16 bits a channel."""
    tiles = getattr(picture, "tile", ())
    return bool(tiles) and all(_raw_mode(tile).startswith(_DEEP) for tile in tiles)


def swap_bytes(picture: Image.Image) -> None:
    """Let a picture that was opened, and not yet decoded, be decoded to the lower eight bits of its channels."""
    tiles: list[Any] = getattr(picture, "tile", [])
    for number, tile in enumerate(tiles):
        raw = _raw_mode(tile)
        swapped = raw[:-1] + _SWAPPED[raw[-1]]
        args = swapped if isinstance(tile[3], str) else type(tile[3])((swapped, *tile[3][1:]))
        tiles[number] = tile._replace(args=args)


def unused_bits(upper: Image.Image) -> int:
    """Return how many of the upper eight bits no colour uses; alpha is not counted."""
    return 8 - max(int(np.asarray(upper.getchannel(band)).max()) for band in "RGB").bit_length()


def joined(upper: Image.Image, lower: Image.Image, unused: int) -> Image.Image:
    """Return the eight bits of each colour below the `unused` ones; alpha keeps its upper eight."""
    alpha = [*range(256)] if upper.mode == "RGBA" else []
    left = [value << unused & 255 for value in range(256)] * 3 + alpha
    right = [value >> (8 - unused) for value in range(256)] * 3 + [0] * len(alpha)
    return ImageChops.add(upper.point(left), lower.point(right))


def _raw_mode(tile: tuple[object, ...]) -> str:
    args = tile[3]
    return str(args[0]) if isinstance(args, tuple | list) and args else str(args)

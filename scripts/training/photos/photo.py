"""A generated picture with what is written on it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from photos.writing import Content, Hand, Rng, Writing


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A generated picture with what is written on it.

    Attributes
    ----------
    data
        The bytes of the file.
    suffix
        Of the file's name, such as ".jpg".
    lines
        The text of each line, from the top.
    kind
        A key of `KINDS`.
    content
        What is written.
    ink
        (height, width) uint8, turned as the picture is shown: where the writing is, 255 under a full stroke.

    """

    data: bytes
    suffix: str
    lines: tuple[str, ...]
    kind: str
    content: Content
    ink: np.ndarray

    @property
    def image(self) -> Image.Image:
        """The decoded picture, not turned by its Exif orientation."""
        return Image.open(io.BytesIO(self.data))


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is wanted."""

    kind: str
    content: Content
    hands: Sequence[Hand]
    rng: Rng

    def finish(self, image: Image.Image, ink: np.ndarray, writing: Writing, suffix: str, **options: object) -> Photo:
        """Save the picture in the format of a suffix."""
        file = io.BytesIO()
        image.save(file, format={".jpg": "JPEG", ".tif": "TIFF"}.get(suffix, suffix[1:].upper()), **options)
        shown = np.round(np.clip(ink, 0, 1) * 255).astype(np.uint8)
        return Photo(file.getvalue(), suffix, writing.lines, self.kind, self.content, shown)


def to_image(picture: np.ndarray) -> Image.Image:
    """Return values in [0, 1] as a picture of 8 bits, in mode L, RGB or RGBA."""
    return Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))

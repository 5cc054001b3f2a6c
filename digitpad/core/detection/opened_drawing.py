"""Open a picture or an ink file as a drawing on the pad."""

from pathlib import Path

import numpy as np
from PIL import Image

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing, centre_ink, centre_picture
from digitpad.core.ink.image_files import pixels_of_picture, read_picture
from digitpad.core.ink.ink_files import is_ink_file, read_ink


def open_drawing(path: Path, page: int = 1) -> Drawing:
    """Open a page of a picture, or the first drawing of an ink file, and centre its digit on the pad.

    Raise DigitpadError if the file is neither, or is blank.
    """
    if is_ink_file(path):
        sample = next(iter(read_ink(path)), None)
        if sample is None or not sample.ink:
            raise DigitpadError("{path} has no drawing: choose another ink file", path=path)
        return Drawing(ink=centre_ink(sample.ink))
    return centre_picture(find_ink(read_picture(path, page)), str(path))


def drawing_of_pixels(rgba: np.ndarray) -> Drawing:
    """Centre the digit of a picture given as (height, width, 4) uint8 RGBA, such as the clipboard's."""
    return centre_picture(find_ink(pixels_of_picture(Image.fromarray(rgba))))

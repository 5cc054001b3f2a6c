"""Opens files and pixels; `open_source` runs in a thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.detection.opened_drawing import drawing_of_pixels, open_drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.image_files import count_pages
from digitpad.core.models.model_files import SUFFIX, ModelEntry, load_model, read_card


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file with the number of its page, from 1, or pixels (h, w, 4) uint8 RGBA."""

    place: Path | np.ndarray
    page: int = 1


@dataclass(frozen=True, slots=True)
class Pages:
    """The page of a file that was opened, from 1, of several; `problem` is why it cannot be shown."""

    path: Path
    page: int
    count: int
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A drawing or a model, or None if only other pages of the file can be shown; `pages` if there are several."""

    content: Drawing | ModelEntry | None
    pages: Pages | None = None


def open_source(source: Source) -> Opened:
    """Open a source; raise DigitpadError if it cannot be opened and has no other pages."""
    path = source.place
    if isinstance(path, np.ndarray):
        return Opened(drawing_of_pixels(path))
    if path.suffix.lower() == SUFFIX:
        load_model(path)  # so that a damaged file is reported now, and not at the first stroke
        return Opened(ModelEntry(path=path.absolute(), card=read_card(path), is_shipped=False))
    count = count_pages(path)
    if count == 1:
        return Opened(open_drawing(path))
    try:
        return Opened(open_drawing(path, source.page), Pages(path, source.page, count))
    except DigitpadError as error:  # an animation often begins with a blank frame
        return Opened(None, Pages(path, source.page, count, problem=str(error)))

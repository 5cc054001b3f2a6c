"""Drawings to and from the clipboard and drag-and-drop, and saving them to files."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing, centre_ink, save_ink
from digitpad.core.ink.ink_files import InkSample, format_line, is_ink_file, parse_line
from digitpad.gui.export.png import png_bytes
from digitpad.gui.widgets.ink_painting import drawing_image, rgba_pixels

# A larger pasted picture is shrunk so that its longer side has this many px.
_LARGE = 2048


def drawing_mime_data(drawing: Drawing, width: float = PEN_WIDTH) -> QMimeData:
    """Return a drawing as a picture and, if it is only strokes, also as a line of ink."""
    data = QMimeData()
    data.setImageData(drawing_image(drawing, width=width))
    if drawing.picture is None:
        data.setText(format_line(InkSample(id="drawing", ink=drawing.ink)))
    return data


def may_have_source(data: QMimeData) -> bool:
    """Return quickly whether `find_source` may find something."""
    return data.hasImage() or any(url.isLocalFile() for url in data.urls()) or data.text().lstrip().startswith("{")


def find_source(data: QMimeData | None) -> Path | np.ndarray | Drawing | None:
    """Return what can be opened: a file, ink, or pixels (height, width, 4) uint8; None if there is nothing."""
    if data is None:  # on some systems, for an empty clipboard
        return None
    for url in data.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    if data.hasText() and (drawing := _ink_in(data.text())) is not None:
        return drawing
    if data.hasImage():
        image = data.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return rgba_pixels(_shrunk(image))
    return None


def save_drawing(path: Path, drawing: Drawing, width: float = PEN_WIDTH) -> None:
    """Save a drawing as ink or as a PNG picture, by the ending of the name; `width` of strokes in pad units."""
    if is_ink_file(path):
        save_ink(path, drawing)
        return
    if path.suffix.lower() != ".png":
        raise DigitpadError("{name}: use the ending .png for a picture or .jsonl for ink", name=path.name)
    write_atomically(path, png_bytes(drawing_image(drawing, width=width)))


def _shrunk(image: QImage) -> QImage:
    """Shrink a very large picture smoothly, so that thin lines stay visible."""
    if max(image.width(), image.height()) <= _LARGE:
        return image
    keep = Qt.AspectRatioMode.KeepAspectRatio
    rough = image.scaled(2 * _LARGE, 2 * _LARGE, keep) if max(image.width(), image.height()) > 4 * _LARGE else image
    return rough.scaled(_LARGE, _LARGE, keep, Qt.TransformationMode.SmoothTransformation)


def _ink_in(text: str) -> Drawing | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        sample = parse_line(text, 1, "the clipboard")
    except DigitpadError:
        return None
    return Drawing(ink=centre_ink(sample.ink)) if sample.ink else None

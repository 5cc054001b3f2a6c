"""Drawings to and from the clipboard and drag-and-drop, and saving them to files."""

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing, centre_ink, save_ink
from digitpad.core.ink.ink_files import SUFFIXES, InkSample, format_line, parse_line
from digitpad.gui.export.png import png_bytes
from digitpad.gui.widgets.ink_painting import drawing_image, rgba_pixels

# A larger pasted picture is shrunk so that its longer side has this many px.
_LARGE = 2048
# Addresses of pictures that are no files of this machine.
_SCHEMES = ("data", "https", "http")
_PICTURE = re.compile(r"""<img\b[^>]*?\ssrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


def drawing_mime_data(drawing: Drawing, width: float = PEN_WIDTH) -> QMimeData:
    """Return a drawing as a picture and, if it is only strokes, also as a line of ink."""
    data = QMimeData()
    data.setImageData(drawing_image(drawing, width=width))
    if drawing.picture is None:
        data.setText(format_line(InkSample(id="drawing", ink=drawing.ink)))
    return data


@dataclass(frozen=True, slots=True)
class WebPicture:
    """A picture on a server, by its http or https address."""

    address: str
    host: str


Found = tuple[Path, ...] | Drawing | bytes | np.ndarray | WebPicture


def may_have_source(data: QMimeData) -> bool:
    """Return quickly whether `find_source` may find something."""
    if data.hasImage() or any(url.isLocalFile() or url.scheme() in _SCHEMES for url in data.urls()):
        return True
    return data.text().lstrip().startswith(("{", *(f"{scheme}:" for scheme in _SCHEMES)))


def find_source(data: QMimeData | None) -> Found | None:
    """Return what can be opened: files, ink, the content of a picture file, pixels (height, width, 4) uint8.

    Only if there is nothing of it, return a picture that must be downloaded first; None if there is nothing at all.
    """
    if data is None:  # on some systems, for an empty clipboard
        return None
    if files := tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()):
        return files
    if data.hasText() and (drawing := _ink_in(data.text())) is not None:
        return drawing
    addresses = _addresses_in(data)
    for address in addresses:
        if address[:5].lower() == "data:":
            return _content_of(address)
    if data.hasImage():
        image = data.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return rgba_pixels(_shrunk(image))
    return next(filter(None, map(_web_picture, addresses)), None)


def _addresses_in(data: QMimeData) -> list[str]:
    """Return the addresses of a drag or a copy from a browser: first of a picture, which may lie in a link."""
    pictures = [unescape(address) for address in _PICTURE.findall(data.html())] if data.hasHtml() else []
    urls = [url.toString(QUrl.ComponentFormattingOption.FullyEncoded) for url in data.urls()]
    text = data.text().strip() if data.hasText() else ""
    is_address = text.lower().startswith(tuple(f"{scheme}:" for scheme in _SCHEMES)) and len(text.split()) == 1
    return [*pictures, *urls, *([text] if is_address else [])]


def _content_of(address: str) -> bytes:
    """Return the content of a data address; one that is damaged has none, and is no picture when it is opened."""
    head, _, body = address.partition(",")
    content = unquote_to_bytes(body)
    if head.lower().endswith(";base64"):
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(content)
        return b""
    return content


def _web_picture(address: str) -> WebPicture | None:
    from digitpad.core.datasets.picture_download import host_of  # the network's modules load slowly

    encoded = QUrl(address).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    host = host_of(encoded)
    return WebPicture(encoded, host) if host else None


def save_drawing(path: Path, drawing: Drawing, width: float = PEN_WIDTH, *, light_on_dark: bool = False) -> None:
    """Save a drawing as ink or as a PNG picture, by the ending of the name; `width` of strokes in pad units."""
    if path.name.lower().endswith(SUFFIXES):
        save_ink(path, drawing)
        return
    if path.suffix.lower() != ".png":
        raise DigitpadError("{name}: use the ending .png for a picture or .jsonl for ink", name=path.name)
    write_atomically(path, png_bytes(drawing_image(drawing, width=width, light_on_dark=light_on_dark)))


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

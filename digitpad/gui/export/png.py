"""An image as PNG bytes."""

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage


def png_bytes(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] - the stub expects bytes
    buffer.close()
    return bytes(content.data())

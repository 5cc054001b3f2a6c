"""Files for the monkey test to drop, paste and open: pictures, ink, models and invalid files."""

import json
import random
import shutil
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPen

_SIDE = 160


def make_files(folder: Path, models: Path) -> list[Path]:
    """Write files of every kind into a folder; return their paths and some that do not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    digit_picture().save(str(folder / "digit.png"))
    digit_picture().save(str(folder / "digit.jpg"))
    ink = {"id": "a", "label": 7, "strokes": [[[0, 0], [90, 0], [40, 140]]]}
    (folder / "ink.jsonl").write_text(json.dumps(ink) + "\n")
    (folder / "broken.jsonl").write_text('{"strokes": [[[0')
    (folder / "empty.png").write_bytes(b"")
    (folder / "rubbish.png").write_bytes(bytes(range(256)) * 40)
    (folder / "rubbish.safetensors").write_bytes(b"\xff" * 4000)
    (folder / "notes.txt").write_text("no digit")
    for model in sorted(models.glob("*.safetensors"))[:2]:
        shutil.copy(model, folder / f"copy-{model.name}")
    (folder / "a folder.png").mkdir(exist_ok=True)
    return [*sorted(folder.iterdir()), folder / "gone.png", folder / "gone.safetensors"]


def digit_picture() -> QImage:
    """Draw a seven, black on white."""
    image = QImage(_SIDE, _SIDE, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setPen(QPen(QColor("black"), 12))
    painter.drawPolyline([QPoint(30, 30), QPoint(120, 30), QPoint(70, 140)])
    painter.end()
    return image


def mime(rng: random.Random, files: list[Path]) -> QMimeData:
    """Return something to drop or to paste."""
    data = QMimeData()
    match rng.choice(("file", "files", "picture", "large", "ink", "text", "address", "nothing")):
        case "file":
            data.setUrls([QUrl.fromLocalFile(str(rng.choice(files)))])
        case "files":
            data.setUrls([QUrl.fromLocalFile(str(rng.choice(files))) for _ in range(3)])
        case "picture":
            data.setImageData(digit_picture())
        case "large":
            image = QImage(3000, 1000, QImage.Format.Format_RGB32)
            image.fill(QColor(*rng.choices(range(256), k=3)))
            data.setImageData(image)
        case "ink":
            data.setText('{"strokes": [[[0, 0], [50, 80]], [[5, 60], [70, 60]]]}')
        case "text":
            data.setText(rng.choice(("", "7", "{", "lorem ipsum\n" * 50, "\x00\ud7ff")))
        case "address":
            data.setUrls([QUrl("https://example.invalid/digit.png")])
    return data

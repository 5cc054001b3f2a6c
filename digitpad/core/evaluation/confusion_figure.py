"""The confusion matrix as a table, a figure and a file."""

from pathlib import Path

import numpy as np

from digitpad.core.evaluation.figures import Figure, Rectangle, Shape, Text, figure_file
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.csv_tables import write_table
from digitpad.core.files.endings import check_ending
from digitpad.core.translation import tr

ENDINGS = (".csv", ".png", ".svg")
_CELL, _LEFT, _TOP = 40, 56, 64
_ERROR, _RIGHT = (0xE6, 0x9F, 0x00), "#eef4f8"


def write_confusion(path: Path, confusion: np.ndarray, title: str) -> None:
    """Write a confusion matrix (n, n), rows are labels and columns predictions, as the path's ending says.

    Raise DigitpadError if the ending is none of `ENDINGS`, or the file cannot be written.
    """
    ending = check_ending(path, ENDINGS)
    if ending == ".csv":
        classes = range(len(confusion))
        rows = [[label, *row] for label, row in zip(classes, confusion.tolist(), strict=True)]
        write_table(path, ["label", *(f"predicted_{label}" for label in classes)], rows)
    else:
        write_atomically(path, figure_file(confusion_figure(confusion, title), ending))


def confusion_figure(confusion: np.ndarray, title: str) -> Figure:
    """Return a figure of a confusion matrix (n, n); errors are shaded by their number, the diagonal is not."""
    count = len(confusion)
    errors = confusion - np.diag(np.diagonal(confusion))
    largest = max(1, int(errors.max()))
    middle = _LEFT + count * _CELL / 2
    shapes: list[Shape] = [
        Text(middle, 18, title, 13),
        Text(middle, 38, tr("predicted"), 11, colour="#555555"),
        Text(8, _TOP - 12, tr("label"), 11, "start", "#555555"),
    ]
    for label in range(count):
        shapes.append(Text(_LEFT + (label + 0.5) * _CELL, _TOP - 12, str(label), 12))
        shapes.append(Text(_LEFT - 14, _TOP + (label + 0.5) * _CELL, str(label), 12))
        for predicted in range(count):
            x, y, number = _LEFT + predicted * _CELL, _TOP + label * _CELL, int(confusion[label, predicted])
            colour = _RIGHT if label == predicted else _shade(number / largest)
            shapes.append(Rectangle(x, y, _CELL - 1, _CELL - 1, colour))
            shapes.append(Text(x + _CELL / 2, y + _CELL / 2, str(number) if number else "·", 11))
    side = count * _CELL
    return Figure(title, _LEFT + side + 16, _TOP + side + 16, shapes)


def _shade(share: float) -> str:
    """Return the background of an error: white for none, orange for the most frequent one."""
    part = 0.08 + 0.77 * share if share else 0.0
    return "#" + "".join(f"{round(255 + (channel - 255) * part):02x}" for channel in _ERROR)

"""A contact sheet of samples as a picture, on a printer, or as a PDF."""

from collections.abc import Sequence
from math import ceil, inf

import numpy as np
from PySide6.QtCore import QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPagedPaintDevice, QPainter

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.export.sheet_pages import FRAME, GAP, ContactSheet, check_count

_PICTURE_SCALE = 2  # pixels of the file per px on the screen
_MARGIN = 24
_CELL = 96  # of a picture; less the gap, three times 28
_PAPER_CELL = 66  # at the least
_FEWEST, _MOST = 3, 10  # columns
_PLOT_WIDTH = 480  # of a picture of a plot, whatever its number of columns


def sheet_image(
    samples: Samples,
    indices: Sequence[int] | np.ndarray,
    title: str,
    plot_columns: int = 0,
    *,
    light_on_dark: bool = False,
) -> QImage:
    """Return a contact sheet as one tall picture; each pixel of a 28x28 sample is 6 px wide.

    With `plot_columns` it is the plot of random samples that the window shows, in so many columns and in colours.
    `light_on_dark` as for `ContactSheet`.

    Raises
    ------
    DigitpadError
        As `ContactSheet`.

    """
    columns = plot_columns or min(_MOST, max(_FEWEST, ceil(len(indices) ** 0.5)))
    unit, margin = _PICTURE_SCALE, _PICTURE_SCALE * _MARGIN
    width = ((_PLOT_WIDTH if plot_columns else columns * _CELL) - GAP + FRAME) * unit
    page, is_plot = QSizeF(width, inf), plot_columns > 0
    sheet = ContactSheet(
        samples,
        indices,
        title,
        page=page,
        unit=unit,
        columns=columns,
        is_plot=is_plot,
        light_on_dark=light_on_dark,
    )
    size = QSize(ceil(width) + 2 * margin, ceil(sheet.height) + 2 * margin)
    # Grey takes a quarter of the memory of colours, which matters for a thousand samples.
    image = QImage(size, QImage.Format.Format_RGB32 if is_plot else QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.TextAntialiasing)
    painter.translate(margin, margin)
    sheet.paint(painter, 0)
    painter.end()
    return image


def print_sheet(
    printer: QPagedPaintDevice,
    samples: Samples,
    indices: Sequence[int] | np.ndarray,
    title: str,
    plot_columns: int = 0,
) -> None:
    """Paint a contact sheet on a printer's pages, or a PDF's; `plot_columns` as for `sheet_image`.

    Raises
    ------
    DigitpadError
        As `ContactSheet`, or if the printer or the file cannot be used.

    """
    check_count(len(indices))
    unit = printer.logicalDpiX() / 72
    page = QSizeF(printer.pageLayout().paintRectPixels(printer.logicalDpiX()).size())
    fitting = max(1, int((page.width() / unit + GAP) / _PAPER_CELL))
    columns = plot_columns or min(fitting, max(_FEWEST, ceil(len(indices) ** 0.5)))
    is_plot = plot_columns > 0
    sheet = ContactSheet(samples, indices, title, page=page, unit=unit, columns=columns, is_plot=is_plot)
    painter = QPainter()
    if not painter.begin(printer):
        raise DigitpadError("the sheet cannot be printed there: choose another printer, or another place for the PDF")
    try:
        # Otherwise thumbnails become JPEG, with artefacts around every stroke.
        painter.setRenderHints(QPainter.RenderHint.LosslessImageRendering)
        for number in range(sheet.page_count):
            if number:
                printer.newPage()
            sheet.paint(painter, number, is_magnified=True)
    finally:
        painter.end()

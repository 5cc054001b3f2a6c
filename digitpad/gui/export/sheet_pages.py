"""The pages of a contact sheet: samples side by side on white paper in both themes."""

from collections.abc import Sequence
from math import ceil, inf

import numpy as np
from PySide6.QtCore import QDate, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.sample_filter import plot_title, point_title, sample_title
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.recognition.prediction import probability_text
from digitpad.core.translation import tr
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import fitted_font
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon, paint_icon

MAX_SAMPLES = 1000
# In points, as every length here.
GAP = 12
FRAME = 0.5
_WIDEST_CELL = 160
_TITLE, _DETAIL, _SMALLEST, _LARGEST = 15, 9, 6.5, 10  # sizes of type
# Some viewers smooth small pictures in a PDF; enlarged ones stay sharp.
_MAGNIFIED = 8
_INK, _GREY, _LINE = QColor("#000000"), QColor("#555555"), QColor("#bbbbbb")
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


class ContactSheet:
    """Lays out samples on pages of one size, and paints one page at a time, in any thread."""

    def __init__(
        self,
        samples: Samples,
        indices: Sequence[int] | np.ndarray,
        title: str,
        *,
        page: QSizeF,
        unit: float,
        columns: int,
        is_plot: bool = False,
        light_on_dark: bool = False,
    ) -> None:
        """Lay out in px of the device.

        Parameters
        ----------
        samples, indices
            1 to `MAX_SAMPLES` samples, in order.
        title
            The title: "Wrong, most confident first". Model, data set, count and date are below it.
        page
            The printable area; its height may be infinite.
        unit
            Device px per point: 1/72 inch on paper, a logical px in a picture.
        columns
            The number of samples in a row.
        is_plot
            Whether the captions are those of the plot of random samples: "Pred: 9, Label: 4", wrong ones in red.
        light_on_dark
            Whether the samples are white on black, not black on white as on paper.

        Raises
        ------
        DigitpadError
            If there are none, or too many.

        """
        check_count(len(indices))
        self._samples, self._indices, self._title = samples, np.asarray(indices, np.int64), title
        self._page, self._unit, self._columns, self._is_plot = page, unit, columns, is_plot
        self._light_on_dark = light_on_dark
        widest = inf if is_plot else _WIDEST_CELL * unit
        self._cell_width = min((page.width() + (GAP - FRAME) * unit) / columns, widest)
        self._side = self._cell_width - GAP * unit
        in_points = self._cell_width / unit
        self._caption_font = _font(max(_SMALLEST, min(_LARGEST, in_points / 10)) * unit)
        self._bold_font = QFont(self._caption_font)
        self._bold_font.setWeight(QFont.Weight.Bold)
        self._line = QFontMetricsF(self._bold_font).height()
        lines = 2 if not is_plot or samples.second_evaluation else 1
        self._cell_height = self._side + lines * self._line + GAP * unit
        self._detail = _detail(samples, self._indices)
        self._heading = self._heading_heights()
        # Wrong answers are bold if there are right ones too.
        evaluation = samples.evaluation
        self._is_mixed = evaluation is not None and len(np.unique(evaluation.is_right[self._indices])) == 2

    @property
    def page_count(self) -> int:
        """The number of pages."""
        return ceil(len(self._indices) / self._per_page)

    @property
    def height(self) -> float:
        """The height of all samples on a single page, px."""
        gap = GAP * self._unit
        return sum(self._heading) + ceil(len(self._indices) / self._columns) * self._cell_height - gap

    def paint(self, painter: QPainter, page: int, *, is_magnified: bool = False) -> None:
        """Paint a page, from 0, at the painter's origin; `is_magnified` for paper, see `_MAGNIFIED`."""
        self._paint_heading(painter, page)
        first, edge = page * self._per_page, FRAME / 2 * self._unit
        for place, index in enumerate(self._indices[first : first + self._per_page]):
            row, column = divmod(place, self._columns)
            corner = QPointF(edge + column * self._cell_width, sum(self._heading) + row * self._cell_height)
            self._paint_sample(painter, corner, self._samples[index], is_magnified=is_magnified)

    @property
    def _per_page(self) -> int:
        if self._page.height() == inf:
            return len(self._indices)
        # The gap below the last row needs no room on the page.
        room = self._page.height() - sum(self._heading) + GAP * self._unit
        return self._columns * max(1, int(room / self._cell_height))

    def _heading_heights(self) -> tuple[float, float]:
        """Return the heights of title and details with the gaps below them, whole px."""
        room, wraps = QRectF(0, 0, self._page.width(), 1e6), Qt.TextFlag.TextWordWrap
        title = QFontMetricsF(self._title_font()).boundingRect(room, wraps, self._title)
        detail = QFontMetricsF(_font(_DETAIL * self._unit)).boundingRect(self._detail_room(room), wraps, self._detail)
        return ceil(title.height() + self._unit * 2), ceil(detail.height() + self._unit * GAP)

    def _title_font(self) -> QFont:
        font = _font(_TITLE * self._unit)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _detail_room(self, room: QRectF) -> QRectF:
        """Leave room for the page number."""
        return room.adjusted(0, 0, -4 * _DETAIL * self._unit if self._page.height() < inf else 0, 0)

    def _paint_heading(self, painter: QPainter, page: int) -> None:
        title, detail = self._heading
        place = QRectF(0, 0, self._page.width(), title)
        # A preview records only changes: without the first pen it would paint the text in the colour of a dark theme.
        painter.setPen(_GREY)
        painter.setPen(_INK)
        painter.setFont(self._title_font())
        painter.drawText(place, Qt.TextFlag.TextWordWrap, self._title)
        below = QRectF(0, title, self._page.width(), detail)
        painter.setPen(_GREY)
        painter.setFont(_font(_DETAIL * self._unit))
        painter.drawText(self._detail_room(below), Qt.TextFlag.TextWordWrap, self._detail)
        if self._page.height() < inf and self.page_count > 1:
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{page + 1} / {self.page_count}")

    def _paint_sample(self, painter: QPainter, corner: QPointF, sample: Sample, *, is_magnified: bool) -> None:
        square = QRectF(corner, QSizeF(self._side, self._side))
        place = _fitted(square, sample.image)
        painter.drawImage(place, _picture(sample, _MAGNIFIED if is_magnified else 1, light_on_dark=self._light_on_dark))
        painter.setPen(QPen(_LINE, FRAME * self._unit, j=Qt.PenJoinStyle.MiterJoin))
        edge = FRAME / 2 * self._unit
        painter.drawRect(place.adjusted(-edge, -edge, edge, edge))
        # Captions may reach into the gaps.
        gap = GAP * self._unit / 2
        line = QRectF(square.left() - gap, square.bottom() + 2 * self._unit, self._side + 2 * gap, self._line)
        if self._is_plot:
            self._paint_plot_captions(painter, line, sample)
            return
        painter.setPen(_INK)
        painter.setFont(self._bold_font if self._is_mixed and not sample.is_right else self._caption_font)
        painter.drawText(line, _CENTRE, f"{sample_title(sample.label, sample.predicted)}{'?' if sample.mark else ''}")
        painter.setPen(_GREY)
        painter.setFont(self._caption_font)
        confidence = "" if sample.predicted is None else f"{probability_text(sample.confidence)} · "
        painter.drawText(line.translated(0, self._line), _CENTRE, f"{confidence}#{sample.index}")

    def _paint_plot_captions(self, painter: QPainter, line: QRectF, sample: Sample) -> None:
        """Paint what the window shows under a sample of a plot."""
        point = f"{point_title(sample.image)} · " if self._samples.are_points else ""
        title = f"{point}{plot_title(sample.label, sample.predicted)}{'?' if sample.mark else ''}"
        is_right = None if sample.predicted is None else sample.is_right
        self._paint_verdict(painter, line, title, is_right=is_right)
        if sample.second_predicted is not None:
            name = QFontMetricsF(self._caption_font).elidedText(
                self._samples.second_model, Qt.TextElideMode.ElideMiddle, line.width() - 4 * self._line
            )
            is_right = sample.second_predicted == sample.label
            text = f"{name}: {sample.second_predicted}"
            self._paint_verdict(painter, line.translated(0, self._line), text, is_right=is_right)

    def _paint_verdict(self, painter: QPainter, line: QRectF, text: str, *, is_right: bool | None) -> None:
        """Paint a text in the middle of a line, in red if wrong, after a tick or a cross unless `is_right` is None."""
        painter.setFont(self._caption_font)
        colours, mark = theme_colours("light"), self._line / 2
        ink = _INK if is_right is not False else colours["wrong"]
        if is_right is not None:
            width = QFontMetricsF(self._caption_font).horizontalAdvance(text)
            corner = QPointF(line.center().x() - (width + 1.5 * mark) / 2, line.top() + mark / 2)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(corner)
            painter.scale(mark / MARK, mark / MARK)
            icon = VerdictIcon.RIGHT if is_right else VerdictIcon.WRONG
            paint_icon(painter, icon, colours["right" if is_right else "wrong"])
            painter.restore()
            line = line.translated(0.75 * mark, 0)
        painter.setPen(ink)
        painter.drawText(line, _CENTRE, text)


def check_count(count: int) -> None:
    """Raise DigitpadError if a contact sheet cannot hold this number of samples."""
    if not count:
        raise DigitpadError("there is no sample to show: choose some first")
    if count > MAX_SAMPLES:
        raise DigitpadError(
            "a contact sheet holds {most:,} samples: select fewer, or export a folder",
            most=MAX_SAMPLES,
        )


def _font(size: float) -> QFont:
    font = fitted_font(QFont(), size)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _detail(samples: Samples, indices: np.ndarray) -> str:
    """Return the text under the title."""
    model, second_model, data = samples.model, samples.second_model, display_part_name(samples.digits.name)
    if second_model:
        model = tr("{} compared with {}").format(model, second_model)
    count = tr("1 sample") if len(indices) == 1 else tr("{:,} samples")
    parts = [
        tr("{} on {}").format(model, data) if model else data,
        count.format(len(indices)),
        QDate.currentDate().toString(Qt.DateFormat.ISODate),
    ]
    if any(int(index) in samples.marks for index in indices):
        parts.append(tr("“?”: label marked as wrong"))
    return " · ".join(parts)


def _fitted(square: QRectF, image: np.ndarray) -> QRectF:
    """Return the place of an image in its square: as large as fits, centred."""
    height, width = image.shape
    pixel = square.width() / max(height, width)
    place = QRectF(0, 0, width * pixel, height * pixel)
    place.moveCenter(square.center())
    return place


def _picture(sample: Sample, times: int, *, light_on_dark: bool) -> QImage:
    """Return a sample in black on white or white on black, each pixel `times` px wide and high."""
    grey = np.ascontiguousarray(sample.full_scale if light_on_dark else 255 - sample.full_scale)
    height, width = grey.shape
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
    # Both results own their pixels.
    return image.copy() if times == 1 else image.scaled(width * times, height * times)

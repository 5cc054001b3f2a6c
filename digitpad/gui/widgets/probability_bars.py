"""Ten bars, one for each digit."""

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPolygonF,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.recognition.prediction import Prediction, probability_figure
from digitpad.gui.accessibility.screen_reader import tell_description
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, paint_line, sized_font, tabular_font
from digitpad.gui.theme.scaling import px

_ROW, _COMPACT_ROW = 23, 19
_LOW, _FLAT = 3, 7  # px that a row is lower in a low window, and beside a digit on stage
_STAGE_GROWTH = 1.6  # of the rows, where there is room
_GAP = 8
_ROOM_FOR_TENTHS = 120


class _Row(NamedTuple):
    """The text and the bar of one digit."""

    value: str = ""
    share: float | None = None  # of the track's width, rounded to 1/1000
    is_winner: bool = False


class ProbabilityBars(QWidget):
    """The probabilities of the ten digits. The best digit is bold, coloured and has an arrow at its left.

    If the label is known, its row is marked at the right.
    """

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._prediction: Prediction | None = None
        self._has_winner = True
        self._label: int | None = None
        self._rows = [_Row()] * 10
        self._changed = QRegion()  # and not painted yet
        self._fonts: list[tuple[QFont, QFontMetricsF]] = []  # plain and bold
        self._edges: tuple[float, float] | None = None  # left and right of all tracks
        self._compact, self._lower, self._growth = compact, 0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Probabilities of the digits 0 to 9"))

    def set_stage(self, *, on: bool) -> None:
        """Let the rows grow where there is room, or not."""
        self._growth = _STAGE_GROWTH if on else 1.0
        vertical = QSizePolicy.Policy.Preferred if on else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)

    def set_low(self, *, on: bool, is_flat: bool = False) -> None:
        """Make the rows lower, `is_flat` still more, or as high as usual."""
        self._lower = _FLAT if is_flat else _LOW * on
        self.updateGeometry()

    @property
    def _least_row(self) -> int:
        return px((_COMPACT_ROW if self._compact else _ROW) - self._lower)

    @property
    def _row(self) -> int:
        return max(self._least_row, self.height() // 10)

    @property
    def prediction(self) -> Prediction | None:
        """The prediction that is shown, or None."""
        return self._prediction

    def show_prediction(self, prediction: Prediction | None, *, has_winner: bool = True) -> None:
        """Show probabilities; None or a blank prediction empties the bars. Without a winner all are grey."""
        self._prediction = None if prediction is None or prediction.is_blank else prediction
        self._has_winner = has_winner
        tell_description(self)
        self._show_rows()

    def show_label(self, label: int | None) -> None:
        """Mark the row of the label; None if it is unknown."""
        self._label, self._edges = label, None
        tell_description(self)
        self.update()

    def accessibleDescription(self) -> str:
        """Return the probabilities as a screen reader says them."""
        if self._prediction is None:
            return self.tr("nothing drawn")
        spoken = self._prediction.listed
        return spoken if self._label is None else self.tr("label {}; {}").format(self._label, spoken)

    def sizeHint(self) -> QSize:
        return QSize(px(120 if self._compact else 260), round(10 * self._least_row * self._growth))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(72), 10 * self._least_row)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fonts, self._edges = [], None
            self.update()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._edges = None
        self._rows = self._build_rows()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        region, self._changed = event.region(), QRegion()
        digits = [digit for digit, place in enumerate(self._places()) if region.intersects(place)]
        self._paint_texts(painter, digits)
        self._paint_tracks(painter, digits)

    def _show_rows(self) -> None:
        """Repaint only the rows that changed, usually two or three."""
        before, self._rows = self._rows, self._build_rows()
        for place, old, new in zip(self._places(), before, self._rows, strict=True):
            if new != old:
                self._changed += place
        if not self._changed.isEmpty():
            self.update(self._changed)

    def paint_now(self) -> None:
        """Paint the rows that changed at once, before other events are processed."""
        if not self._changed.isEmpty():
            self.repaint(self._changed)

    def _build_rows(self) -> list[_Row]:
        prediction = self._prediction
        if prediction is None:
            return [_Row()] * 10
        decimals = self._decimals()
        # If it is not a digit, no row wins.
        winner = prediction.best if self._has_winner and not prediction.is_refused else None
        return [
            _Row(probability_figure(share, decimals), round(share, 3), digit == winner)
            for digit, share in enumerate(prediction.probabilities.tolist())
        ]

    def _places(self) -> list[QRect]:
        height, width = self._row, self.width()
        return [QRect(0, digit * height, width, height) for digit in range(10)]

    def _paint_texts(self, painter: QPainter, digits: list[int]) -> None:
        height, palette = self._row, self.palette()
        colours = palette.color(QPalette.ColorRole.Dark), palette.color(QPalette.ColorRole.Text)
        left, right = px(12), self.width() - self._label_room() - px(2)
        for digit in digits:
            row, top = self._rows[digit], digit * height
            font, metrics = self._font(is_bold=row.is_winner)
            painter.setFont(font)
            painter.setPen(colours[row.is_winner])
            paint_line(painter, left, top + height / 2, str(digit), metrics)
            paint_line(painter, right, top + height / 2, row.value, metrics, ends=True)
            if digit == self._label:
                self._paint_label(painter, top)

    def _paint_tracks(self, painter: QPainter, digits: list[int]) -> None:
        height, corner, colours = self._row, px(3), theme_colours(self.palette())
        left, right = self._track_edges()
        for digit in digits:
            row = self._rows[digit]
            track = QRectF(left, digit * height + height * 0.22, max(right - left, 8), height * 0.56)
            paint_track(painter, track, colours)
            if row.share is None:
                continue
            painter.setBrush(colours["accent" if row.is_winner else "faint"])
            # At least 2 px, so that the start of an empty bar is visible.
            filled = QRectF(left, track.top(), max(2.0, track.width() * row.share), track.height())
            painter.drawRoundedRect(filled, corner, corner)
            if row.is_winner:
                middle = track.center().y()
                painter.drawPolygon(
                    QPolygonF([QPointF(0, middle - px(5)), QPointF(px(7), middle), QPointF(0, middle + px(5))])
                )

    def _paint_label(self, painter: QPainter, top: float) -> None:
        """Paint an arrow and the word "label" at the right of the row."""
        left, middle = self.width() - self._label_room() + px(_GAP), top + self._row / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(
            QPolygonF(
                [QPointF(left + px(5), middle - px(4)), QPointF(left, middle), QPointF(left + px(5), middle + px(4))]
            )
        )
        painter.setFont(self._label_font())
        place = QRectF(left + px(9), top, self._label_room(), self._row)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.tr("label"))

    def _label_font(self) -> QFont:
        return sized_font(self.font(), CAPTION)

    def _label_room(self) -> float:
        """Return the width reserved for the label's mark in every row, px."""
        if self._label is None:
            return 0.0
        return QFontMetricsF(self._label_font()).horizontalAdvance(self.tr("label")) + px(9) + px(_GAP) + 1

    def _font(self, *, is_bold: bool) -> tuple[QFont, QFontMetricsF]:
        if not self._fonts:
            fonts = tabular_font(self.font()), tabular_font(self.font(), is_bold=True)
            self._fonts = [(font, QFontMetricsF(font)) for font in fonts]
        return self._fonts[is_bold]

    def _track_edges(self) -> tuple[float, float]:
        """Return left and right edge of all bars, with room for bold numbers so that nothing moves."""
        if self._edges is None:
            _, metrics = self._font(is_bold=True)
            widest = metrics.horizontalAdvance(probability_figure(0.99999, self._decimals()))
            left = px(12) + metrics.horizontalAdvance("0") + px(_GAP)
            self._edges = left, self.width() - self._label_room() - widest - px(_GAP) - px(2)
        return self._edges

    def _decimals(self) -> int:
        """Show no decimal if there is little room for the bar."""
        return 1 if self.width() >= px(_ROOM_FOR_TENTHS) else 0

"""The probability of the wanted digit over the amounts of one distortion, a line a model as in its row above."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.recognition.distorted_answers import Curve
from digitpad.core.recognition.prediction import probability_text
from digitpad.core.translation import percent
from digitpad.gui.break_it.series import series_pen
from digitpad.gui.break_it.texts import name_text, value_text
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px

_BOTTOM, _TOP, _GAP = 16, 6, 8  # px
_DOT = 3.5
_BAR_STEP = 14  # px between the bars of the models, at a value of a switch
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CurveView(QWidget):
    """Draws a curve, with a mark at the present amount and dots at the present probabilities."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._curve: Curve | None = None
        self._value: float | None = None
        self._shares: tuple[float | None, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def curve(self) -> Curve | None:
        """The curve that is shown."""
        return self._curve

    @property
    def value(self) -> float | None:
        """The amount at the mark."""
        return self._value

    @property
    def shares(self) -> tuple[float | None, ...]:
        """The probability of the wanted digit at the mark, a model each; None for one that cannot be used."""
        return self._shares

    def show_models(self, names: Sequence[str]) -> None:
        """Show the names of the models, and no curve."""
        self._names, self._curve, self._shares = tuple(names), None, ()
        self.update()

    def show_curve(self, curve: Curve) -> None:
        """Show a curve."""
        self._curve = curve
        self._describe()

    def show_mark(self, value: float, shares: Sequence[float | None]) -> None:
        """Move the mark to an amount, with the models' probabilities there."""
        self._value, self._shares = value, tuple(shares)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(px(320), px(160))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(72))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _describe(self) -> None:
        if self._curve is not None and self._value is not None:
            shares = zip(self._names, self._shares, strict=False)
            listed = ", ".join(f"{name} {probability_text(share)}" for name, share in shares if share is not None)
            name, value = name_text(self._curve.name), value_text(self._curve.name, self._value)
            text = self.tr("Probability of {digit} at {name} {value}: {listed}")
            self.setAccessibleName(text.format(digit=self._curve.wanted, name=name, value=value, listed=listed))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular_font(self.font(), CAPTION))
        left = QFontMetricsF(painter.font()).horizontalAdvance("100 %") + px(6)
        plot = QRectF(self.rect()).adjusted(left, px(_TOP), px(-_GAP), px(-_BOTTOM))
        self._paint_grid(painter, plot)
        if self._curve is None:
            return
        self._paint_span(painter, plot, self._curve)
        painter.setClipRect(plot.adjusted(px(-_DOT), px(-_DOT), px(_DOT), px(_DOT)))
        if self._value is not None:
            painter.setPen(QPen(theme_colours(self.palette())["muted"], 1))
            x = self._x(plot, self._curve, self._value)
            painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
        for number, row in enumerate(self._curve.shares):
            self._paint_line(painter, plot, self._curve, number, row)

    def _paint_grid(self, painter: QPainter, plot: QRectF) -> None:
        colours = theme_colours(self.palette())
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(colours["grid"], 1))
            painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
            painter.setPen(colours["muted"])
            painter.drawText(QRectF(0, y - px(8), plot.left() - px(6), px(16)), _RIGHT, percent(share, 0))

    def _paint_span(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        """Write the ends of the span, and its middle, below the plot."""
        painter.setPen(theme_colours(self.palette())["muted"])
        values = (curve.values[0], curve.values[len(curve.values) // 2], curve.values[-1])
        places = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
        line = QRectF(plot.left(), plot.bottom() + px(2), plot.width(), px(_BOTTOM - 2))
        for value, place in zip(values, places, strict=True):
            if _is_switch(curve) and place is not Qt.AlignmentFlag.AlignHCenter:
                middle = QRectF(
                    self._x(plot, curve, value) - line.width() / 4, line.top(), line.width() / 2, line.height()
                )
                painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, value_text(curve.name, value))
            elif not _is_switch(curve):
                painter.drawText(line, place | Qt.AlignmentFlag.AlignVCenter, value_text(curve.name, value))

    def _paint_line(self, painter: QPainter, plot: QRectF, curve: Curve, number: int, shares: np.ndarray) -> None:
        if not np.isfinite(shares).all():
            return
        points = [
            QPointF(self._x(plot, curve, value), plot.bottom() - share * plot.height())
            for value, share in zip(curve.values, shares.tolist(), strict=True)
        ]
        painter.setPen(series_pen(self.palette(), number))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if _is_switch(curve):  # there is nothing between its two values
            aside = QPointF((number - (len(curve.shares) - 1) / 2) * px(_BAR_STEP), 0)
            painter.drawLines([QLineF(QPointF(point.x(), plot.bottom()) + aside, point + aside) for point in points])
        else:
            aside = QPointF()
            painter.drawPolyline(QPolygonF(points))
        share = self._shares[number] if number < len(self._shares) else None
        if self._value is not None and share is not None:
            painter.setPen(QPen(theme_colours(self.palette())["surface"], 1))
            painter.setBrush(series_pen(self.palette(), number).color())
            spot = QPointF(self._x(plot, curve, self._value), plot.bottom() - share * plot.height())
            painter.drawEllipse(spot + aside, px(_DOT), px(_DOT))

    @staticmethod
    def _x(plot: QRectF, curve: Curve, value: float) -> float:
        low, high = curve.values[0], curve.values[-1]
        share = (value - low) / (high - low)
        return plot.left() + plot.width() * (0.25 + 0.5 * share if _is_switch(curve) else share)


def _is_switch(curve: Curve) -> bool:
    """Return whether the distortion is only on or off."""
    return len(curve.values) == 2

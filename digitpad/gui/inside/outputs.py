"""The ten outputs: logits, what becomes of them, and the probabilities, as bars that carry their numbers."""

from dataclasses import dataclass
from math import exp, floor, inf, log

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette

from digitpad.core.models.activations import Activations
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, probability_text
from digitpad.gui.inside.layout import OUTPUT_ROW
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, paint_line, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.sentences import with_minus

_CENTRE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = _CENTRE | Qt.AlignmentFlag.AlignRight
_DIGIT = 16  # px
_GAPS = 4, 8, 0  # px after each column
_SHORTEST_BARS = 40  # px of both together; shorter ones would say nothing


@dataclass(frozen=True, slots=True, eq=False)
class OutputTable:
    """The texts and bars of the outputs, a row for each.

    Attributes
    ----------
    headings
        Of the three columns: logits, what they become, probabilities.
    logits, shares
        The lengths of the bars: of the logits in [-1, 1], of the probabilities in [0, 1].
    texts
        Three for each row.
    sums
        Of the columns, "" where there is none.

    """

    headings: tuple[str, str, str]
    logits: np.ndarray
    shares: np.ndarray
    texts: tuple[tuple[str, str, str], ...]
    sums: tuple[str, str, str]
    winner: int

    @property
    def names(self) -> tuple[str, ...]:
        """The digit of each row; a single output stands for class 1."""
        return tuple(map(str, range(len(self.texts)))) if len(self.texts) > 1 else ("1",)

    def as_text(self) -> str:
        """Return the table separated by tabs, as spreadsheets read it."""
        rows = [(name, *texts) for name, texts in zip(self.names, self.texts, strict=True)]
        heading = ("", *self.headings)
        return "\n".join("\t".join(row).replace("−", "-") for row in (heading, *rows, ("", *self.sums))) + "\n"


def output_table(activations: Activations) -> OutputTable:
    """Compute the table of an image's outputs."""
    from digitpad.core.models.inference import outputs_of, probabilities_of  # it brings torch

    logits, output = activations.logits, activations.output
    shares = probabilities_of(logits, output)[-len(logits) :]
    finite = np.where(np.isfinite(logits), logits, 0.0)
    largest = float(np.abs(finite).max(initial=0)) or 1.0
    is_softmax = output == "softmax"
    outputs = outputs_of(logits, output)
    steps = [power_text(z) for z in logits] if is_softmax else [f"{y:.4f}" for y in outputs]
    texts = tuple(
        (with_minus(f"{z:.2f}"), with_minus(step), probability_text(p))
        for z, step, p in zip(logits.tolist(), steps, shares.tolist(), strict=True)
    )
    total = ""  # of what each probability is a share; linear outputs are clipped before
    if is_softmax:
        total = power_text(_log_sum(logits))
    elif output == "sigmoid" and len(logits) > 1:
        total = f"{outputs.sum():.4f}"
    names = {"softmax": "exp(z)", "sigmoid": _tr("sigmoid"), "linear": _tr("output")}
    return OutputTable(
        (_tr("logits z"), names[output], _tr("probabilities")),
        finite / largest,
        np.where(np.isnan(shares), 0.0, shares),
        texts,
        ("", _tr("sum {}").format(total) if total else "", ""),
        activations.winner,
    )


def power_text(z: float) -> str:
    """Return e to the power of z as a short text, also where it is too large or too small for a float."""
    if not -inf < z < inf:
        return {inf: "∞", -inf: "0"}.get(z, "–")
    if -4 < z < 9:
        value = exp(z)
        return f"{value:.3f}" if value < 10 else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    tens = z / log(10)
    power = floor(tens)
    mantissa = round(10 ** (tens - power), 1)
    return f"{mantissa:.1f}e{power}" if mantissa < 10 else f"1.0e{power + 1}"


def _log_sum(logits: np.ndarray) -> float:
    """Return ln Σ exp z without overflow."""
    top = float(logits.max())
    return top + log(float(np.exp(logits - top).sum())) if -inf < top < inf else top


def row_rect(place: QRectF, row: int) -> QRectF:
    """Return where an output's row is."""
    return QRectF(place.left(), place.top() + row * px(OUTPUT_ROW), place.width(), px(OUTPUT_ROW))


class OutputsPainter:
    """Paints the outputs in a place, with headings in the line above it and a sum below the rows."""

    def __init__(self, place: QRectF, font: QFont, palette: QPalette) -> None:
        self._place, self._colours = place, theme_colours(palette)
        self._fonts = tabular_font(font, CAPTION), tabular_font(font, CAPTION, is_bold=True)
        self._metrics = QFontMetricsF(self._fonts[0]), QFontMetricsF(self._fonts[1])
        metrics = self._metrics[1]
        widest = "−88.88", "8.8e−88", WIDEST_PROBABILITY
        number, power, share = (metrics.horizontalAdvance(text) + px(6) for text in widest)
        bars = place.width() - px(_DIGIT) - number - power - share - px(12)
        bars = bars if bars >= px(_SHORTEST_BARS) else 0.0
        left = place.left() + px(_DIGIT)
        first = left + 0.4 * bars + number + px(4)
        # Where the columns begin, with the right edge at the end, and how wide their bars are.
        self._lefts = left, first, first + power + px(8), place.right()
        self._bars = 0.4 * bars, 0.6 * bars
        self._rights = tuple(left - gap for left, gap in zip(self._lefts[1:], _GAPS, strict=True))
        self._row = px(OUTPUT_ROW)

    def paint_ground(self, painter: QPainter, title: QRectF, table: OutputTable) -> None:
        """Paint what does not depend on the image: the headings in the line `title`, and the ground of the bars."""
        painter.setFont(self._fonts[0])
        painter.setPen(self._colours["muted"])
        for column, heading in enumerate(table.headings):
            painter.drawText(self._text_place(title, column).adjusted(-px(40), 0, 0, 0), _RIGHT, heading)
        for row in range(len(table.texts) if self._bars[0] else 0):
            for column, width in ((0, self._bars[0]), (2, self._bars[1])):
                paint_track(painter, self._bar(row, self._lefts[column], width), self._colours, radius=0)

    def paint(self, painter: QPainter, table: OutputTable) -> None:
        """Paint the rows, and the sum below them."""
        if self._bars[0]:
            self._paint_bars(painter, table)
        names = table.names
        for row, texts in enumerate(table.texts):
            if row != table.winner:
                self._paint_texts(painter, row, names[row], texts)
        self._paint_texts(painter, table.winner, names[table.winner], table.texts[table.winner], is_winner=True)
        if table.sums[1]:
            below = row_rect(self._place, len(table.texts))
            painter.setFont(self._fonts[0])
            painter.setPen(self._colours["muted"])
            painter.drawText(self._text_place(below, 1).adjusted(-px(40), 0, 0, 0), _RIGHT, table.sums[1])

    def _paint_texts(
        self, painter: QPainter, row: int, name: str, texts: tuple[str, str, str], *, is_winner: bool = False
    ) -> None:
        painter.setFont(self._fonts[is_winner])
        painter.setPen(self._colours["text" if is_winner else "muted"])
        metrics = self._metrics[is_winner]
        middle = self._place.top() + (row + 0.5) * self._row
        paint_line(painter, self._place.left(), middle, name, metrics)
        for right, text in zip(self._rights, texts, strict=True):
            paint_line(painter, right, middle, text, metrics, ends=True)

    def _paint_bars(self, painter: QPainter, table: OutputTable) -> None:
        colours, (wide, long) = self._colours, self._bars
        zero = self._lefts[0] + wide / 2
        for row, (logit, share) in enumerate(zip(table.logits.tolist(), table.shares.tolist(), strict=True)):
            reach = wide / 2 * logit
            colour = colours["weight_for" if reach > 0 else "weight_against"]
            painter.fillRect(self._bar(row, min(zero, zero + reach), max(abs(reach), 1)), colour)
            colour = colours["accent" if row == table.winner else "faint"]
            painter.fillRect(self._bar(row, self._lefts[2], max(2.0, long * share)), colour)

    def _bar(self, row: int, left: float, width: float) -> QRectF:
        return QRectF(left, self._place.top() + (row + 0.22) * self._row, width, 0.56 * self._row)

    def _text_place(self, line: QRectF, column: int) -> QRectF:
        left = self._lefts[column]
        return QRectF(left, line.top(), self._rights[column] - left, line.height())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Outputs", text)

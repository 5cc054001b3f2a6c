"""The ten outputs: logits, what becomes of them, and the probabilities, as bars that carry their numbers."""

from dataclasses import dataclass
from math import exp, floor, inf, log

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette

from digitpad.core.evaluation.inside.activations import Activations
from digitpad.gui.inside.layout import OUTPUT_ROW
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, FIGURES_PX, tabular_font

_CENTRE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = _CENTRE | Qt.AlignmentFlag.AlignRight
_DIGIT = 16  # px


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
    largest = float(np.abs(np.nan_to_num(logits, posinf=0, neginf=0)).max(initial=0)) or 1.0
    is_softmax = output == "softmax"
    steps = [power_text(z) for z in logits] if is_softmax else [f"{y:.4f}" for y in outputs_of(logits, output)]
    texts = tuple(
        (f"{z:.2f}".replace("-", "−"), step.replace("-", "−"), f"{100 * p:.1f} %")
        for z, step, p in zip(logits.tolist(), steps, shares.tolist(), strict=True)
    )
    total = _log_sum(logits) if is_softmax else None
    names = {"softmax": "e^z", "sigmoid": _tr("sigmoid"), "linear": _tr("output")}
    return OutputTable(
        (_tr("logits z"), names[output], _tr("probabilities")),
        np.nan_to_num(logits / largest),
        np.nan_to_num(shares),
        texts,
        ("", "" if total is None else _tr("sum {}").format(power_text(total)), ""),
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
    return QRectF(place.left(), place.top() + row * OUTPUT_ROW, place.width(), OUTPUT_ROW)


def paint_outputs(painter: QPainter, place: QRectF, table: OutputTable, font: QFont, palette: QPalette) -> None:
    """Paint the rows, and the sum below them."""
    colours = theme_colours(palette)
    fonts = tabular_font(font, FIGURES_PX), tabular_font(font, FIGURES_PX, is_bold=True)
    lefts, widths = _columns(place, fonts[1], table)
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(len(table.texts)):
        line, is_winner = row_rect(place, row), row == table.winner
        middle, half = line.center().y(), 0.28 * OUTPUT_ROW
        zero, reach = lefts[0] + widths[0] / 2, widths[0] / 2 * float(table.logits[row])
        painter.fillRect(QRectF(lefts[0], middle - half, widths[0], 2 * half), colours["hover"])
        painter.fillRect(
            QRectF(min(zero, zero + reach), middle - half, max(abs(reach), 1), 2 * half),
            colours["weight_for" if reach > 0 else "weight_against"],
        )
        painter.fillRect(QRectF(lefts[2], middle - half, widths[2], 2 * half), colours["hover"])
        share = max(2.0, widths[2] * float(table.shares[row]))
        painter.fillRect(QRectF(lefts[2], middle - half, share, 2 * half), colours["accent" if is_winner else "faint"])
    for row, texts in enumerate(table.texts):
        line, is_winner = row_rect(place, row), row == table.winner
        painter.setFont(fonts[is_winner])
        painter.setPen(colours["text" if is_winner else "muted"])
        painter.drawText(QRectF(line.left(), line.top(), _DIGIT, line.height()), _CENTRE, table.names[row])
        for column, text in enumerate(texts):
            painter.drawText(_text_place(line, lefts, column), _RIGHT, text)
    if table.sums[1]:
        below = row_rect(place, len(table.texts))
        painter.setFont(tabular_font(font, CAPTION_PX))
        painter.setPen(colours["muted"])
        painter.drawText(_text_place(below, lefts, 1).adjusted(-40, 0, 0, 0), _RIGHT, table.sums[1])


def paint_headings(painter: QPainter, title: QRectF, table: OutputTable, font: QFont, palette: QPalette) -> None:
    """Paint the headings of the columns in the line above the rows."""
    lefts, _ = _columns(title, tabular_font(font, FIGURES_PX, is_bold=True), table)
    painter.setFont(tabular_font(font, CAPTION_PX))
    painter.setPen(theme_colours(palette)["muted"])
    for column, heading in enumerate(table.headings):
        painter.drawText(_text_place(title, lefts, column).adjusted(-40, 0, 0, 0), _RIGHT, heading)


def _columns(place: QRectF, font: QFont, table: OutputTable) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return where the columns begin, with the right edge at the end, and how wide their bars are."""
    metrics = QFontMetricsF(font)
    room = place.width() - _DIGIT
    number, power, share = (metrics.horizontalAdvance(text) + 6 for text in ("−88.88", "8.8e−88", "100.0 %"))
    bars = max(8.0, room - number - power - share - 12)
    first, second = bars * 0.4, bars * 0.6
    left = place.left() + _DIGIT
    starts = left, left + first + number + 4, left + first + number + power + 12, place.right()
    return starts, (first, 0.0, second)


def _text_place(line: QRectF, lefts: tuple[float, ...], column: int) -> QRectF:
    right = lefts[column + 1] - (8 if column == 1 else 4 if column == 0 else 0)
    return QRectF(lefts[column], line.top(), right - lefts[column], line.height())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Outputs", text)

"""Accuracy before and after fine-tuning, on the user's digits and on MNIST."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from digitpad.core.fine_tuning.events import FineTuned, Score
from digitpad.core.translation import tr
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.sentences import with_minus

_CHANGE = 2  # the column
_NOTHING = "–"
# Percentage points. A change of ten of the 10,000 MNIST test images is chance.
_NEUTRAL = 0.1
_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Accuracy before and after in per cent, rounded as shown.

    Attributes
    ----------
    before, after
        Percent.
    decimals
        Decimal places.
    neutral
        The largest change that is chance, percentage points.

    """

    before: float
    after: float
    decimals: int
    neutral: float = 0.0

    @classmethod
    def of(cls, before: Score | None, after: Score | None, decimals: int, neutral: float = 0.0) -> "Comparison | None":
        """Compare two measurements; None if one is missing."""
        if before is None or after is None:
            return None
        return cls(round(100 * before.accuracy, decimals), round(100 * after.accuracy, decimals), decimals, neutral)

    @property
    def change(self) -> float:
        """Percentage points, so that the shown figures add up."""
        return round(self.after - self.before, self.decimals)

    @property
    def figures(self) -> tuple[str, str]:
        """Before and after: "55.0 %", "94.0 %"."""
        return self._percent(self.before), self._percent(self.after)

    @property
    def change_text(self) -> str:
        """The change with its sign: "▲ +39.0", "▼ −0.26", "±0", and without an arrow if it is chance: "−0.06"."""
        if not self.change:
            return "±0"
        arrow = {"right": "▲ ", "wrong": "▼ "}.get(self.verdict, "")
        return f"{arrow}{'+' if self.change > 0 else _MINUS}{abs(self.change):.{self.decimals}f}"

    @property
    def verdict(self) -> str:
        """The colour of the change: "right", "wrong", or "" if it is chance."""
        if abs(self.change) <= self.neutral:
            return ""
        return "right" if self.change > 0 else "wrong"

    def _percent(self, value: float) -> str:
        return tr("{} %").format(f"{value:.{self.decimals}f}").replace(" ", _SPACE)


class ComparisonTable(QWidget):
    """Two rows of three figures; a missing figure is a dash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._my_digits, self._mnist = _Line(), _Line()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(2))
        for column, text in enumerate((self.tr("before"), self.tr("after"), self.tr("change, points"))):
            heading = QLabel(text)
            heading.setProperty("role", "caption")
            heading.setWordWrap(True)  # where it is narrow
            heading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(heading, 0, column)
        for row, line in ((1, self._my_digits), (4, self._mnist)):
            grid.addWidget(line.name, row, 0, 1, 3)
            for column, label in enumerate(line.figures):
                grid.addWidget(label, row + 1, column, Qt.AlignmentFlag.AlignRight)
        grid.setRowMinimumHeight(3, 6)
        for column, share in enumerate((3, 3, 4)):
            grid.setColumnStretch(column, share)

    @property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """The rows: a name and three figures each."""
        return tuple(line.texts for line in (self._my_digits, self._mnist))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is told of the rows, a sentence each."""
        return tuple(line.name.accessibleName() for line in (self._my_digits, self._mnist))

    def show_result(self, result: FineTuned) -> None:
        """Show the result of fine-tuning."""
        before, after = result.before, result.after
        held_out, mine = self.tr("My digits, held out ({:,})"), self.tr("My digits")
        mine = held_out.format(after.my_digits.count) if after.my_digits else mine
        mnist = self.tr("MNIST test ({:,})").format(after.mnist.count) if after.mnist else self.tr("MNIST test")
        self._my_digits.show(
            mine,
            Comparison.of(before.my_digits, after.my_digits, 1),
            self._sentence(mine, before.my_digits, after.my_digits, 1),
        )
        compared = Comparison.of(before.mnist, after.mnist, 2, _NEUTRAL)
        self._mnist.show(mnist, compared, self._sentence(mnist, before.mnist, after.mnist, 2))

    def _sentence(self, name: str, before: Score | None, after: Score | None, decimals: int) -> str:
        compared = Comparison.of(before, after, decimals)
        if compared is None or before is None or after is None:
            return self.tr("{}: not measured").format(name)
        text = self.tr("{}: {:,} right before, {:,} right after, a change of {} percentage points")
        return text.format(name, before.right, after.right, with_minus(f"{compared.change:+.{decimals}f}"))


class _Line:
    """The labels of a line."""

    def __init__(self) -> None:
        self.name = QLabel()
        self.figures = (QLabel(), QLabel(), QLabel())
        for number, label in enumerate(self.figures):
            use_tabular_font(label, CAPTION, is_bold=number == _CHANGE)

    @property
    def texts(self) -> tuple[str, str, str, str]:
        return self.name.text(), *(label.text() for label in self.figures)  # pyright: ignore[reportReturnType]

    def show(self, name: str, compared: Comparison | None, sentence: str) -> None:
        texts = (*compared.figures, compared.change_text) if compared else (_NOTHING,) * 3
        self.name.setText(name)
        self.name.setAccessibleName(sentence)
        self.name.setToolTip(sentence)
        for label, text in zip(self.figures, texts, strict=True):
            label.setText(text)
            label.setToolTip(sentence)
            label.setProperty("role", "muted" if text == _NOTHING else None)
        self.figures[_CHANGE].setProperty("verdict", compared.verdict if compared else None)
        for label in self.figures:
            label.style().polish(label)

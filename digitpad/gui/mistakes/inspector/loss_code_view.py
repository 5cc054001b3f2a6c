"""The same loss, written in five ways in PyTorch."""

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.evaluation.worked_example import CostFormula, cost_formulas, formula_setup
from digitpad.core.models.specs import Output
from digitpad.gui.theme.fonts import FIGURES_PX, tabular_font

_CODE_PX = 11


class LossCodeView(QWidget):
    """The code of each way, which can be copied, and its value; computed only while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logits_and_label: tuple[np.ndarray, int] | None = None
        self._ways: tuple[CostFormula, ...] = ()
        self._caption = QLabel()
        self._codes = [_code_label() for _ in range(5)]
        self._values = [QLabel() for _ in range(5)]
        self._caption.setProperty("role", "caption")
        self._caption.setWordWrap(True)
        self.copy_button = QPushButton(self.tr("Copy as program"))
        self.copy_button.setProperty("role", "link")
        self.copy_button.setToolTip(self.tr("Python code that creates z and y of this sample and prints all five"))

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(2)
        layout.addWidget(self._caption)
        for code, value in zip(self._codes, self._values, strict=True):
            value.setFont(tabular_font(value.font(), FIGURES_PX, is_bold=True))
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            layout.addWidget(code)
            layout.addWidget(value)
        layout.addWidget(self.copy_button, alignment=Qt.AlignmentFlag.AlignLeft)

        self.copy_button.clicked.connect(self._on_copy)

    @property
    def ways(self) -> tuple[CostFormula, ...]:
        """The five ways; empty before they are visible, and for outputs other than softmax."""
        return self._ways

    @property
    def caption(self) -> str:
        """The text above the five."""
        return self._caption.text()

    def show_logits(self, logits: np.ndarray | None, label: int = 0, output: Output = "softmax") -> None:
        """Show the loss of logits (10,), or that the outputs are not a softmax."""
        is_softmax = logits is not None and output == "softmax"
        self._logits_and_label = (logits, label) if logits is not None and is_softmax else None
        self._ways = ()
        for widget in (*self._codes, *self._values, self.copy_button):
            widget.setVisible(is_softmax)
        if not is_softmax:
            self._caption.setText(self.tr("These need a softmax, and this model has none."))
        elif self.isVisible():
            self._fill()

    def as_program(self) -> str:
        """Return Python code that creates the logits and the label of the sample and prints all five."""
        if self._logits_and_label is None:
            return ""
        ways = self._ways or cost_formulas(*self._logits_and_label)
        return formula_setup(*self._logits_and_label) + "".join(f"print({way.code})\n" for way in ways)

    def showEvent(self, event: QShowEvent) -> None:
        if not self._ways:
            self._fill()
        super().showEvent(event)

    def _fill(self) -> None:
        if self._logits_and_label is None:
            return
        self._ways = cost_formulas(*self._logits_and_label)
        is_finite = all(np.isfinite(way.value) for way in self._ways)
        self._caption.setText(
            self.tr("z: the ten logits, (1, 10); y: the label, (1,)")
            if is_finite
            else self.tr("nan: a probability rounds to 0, and 0 times its logarithm is not a number")
        )
        for way, code, value in zip(self._ways, self._codes, self._values, strict=True):
            if code.text() != way.code:
                code.setText(way.code)
            value.setText(f"= {way.value:.6f}")

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_program())


def _code_label() -> QLabel:
    label = QLabel()
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(_CODE_PX)
    label.setFont(font)
    label.setProperty("role", "code")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label

"""The same loss, written in several ways, in PyTorch or NumPy as the model was trained."""

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.evaluation.worked_example import CostFormula, WorkedExample, cost_formulas, formula_setup
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.theme.scaling import px


class LossCodeView(QWidget):
    """The code of each way, which can be copied, and its value; computed only while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worked: WorkedExample | None = None
        self._ways: tuple[CostFormula, ...] = ()
        self._caption = QLabel()
        self._codes = [_code_label() for _ in range(5)]
        self._values = [QLabel() for _ in range(5)]
        self._caption.setProperty("role", "caption")
        self._caption.setWordWrap(True)
        self.copy_button = QPushButton(self.tr("Copy as program"))
        self.copy_button.setProperty("role", "link")
        tip = self.tr("Python code that creates the variables of this sample and prints each of these")
        self.copy_button.setToolTip(tip)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, px(8))
        layout.setSpacing(px(2))
        layout.addWidget(self._caption)
        for code, value in zip(self._codes, self._values, strict=True):
            use_tabular_font(value, CAPTION, is_bold=True)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            layout.addWidget(code)
            layout.addWidget(value)
        layout.addWidget(self.copy_button, alignment=Qt.AlignmentFlag.AlignLeft)

        self.copy_button.clicked.connect(self._on_copy)

    @property
    def ways(self) -> tuple[CostFormula, ...]:
        """The ways, five or two; empty before they are visible."""
        return self._ways

    @property
    def caption(self) -> str:
        """The text above them."""
        return self._caption.text()

    def show_example(self, worked: WorkedExample | None) -> None:
        """Show the loss of another example; None for none."""
        self._worked, self._ways = worked, ()
        if self.isVisible():
            self._fill()

    def as_program(self) -> str:
        """Return a program that creates the outputs and the label of the sample and prints the loss in each way."""
        if self._worked is None:
            return ""
        ways = self._ways or cost_formulas(self._worked)
        lines = [line for way in ways for line in (way.before, f"print({way.code})") if line]
        return formula_setup(self._worked) + "\n".join(lines) + "\n"

    def showEvent(self, event: QShowEvent) -> None:
        if not self._ways:
            self._fill()
        super().showEvent(event)

    def _fill(self) -> None:
        if self._worked is None:
            return
        self._ways = cost_formulas(self._worked)
        self._caption.setText(self._caption_text(self._worked))
        for place, (code, value) in enumerate(zip(self._codes, self._values, strict=True)):
            way = self._ways[place] if place < len(self._ways) else None
            for label in (code, value):
                label.setVisible(way is not None)
            if way is None:
                continue
            text = f"{way.before}\n{way.code}" if way.before else way.code
            if code.text() != text:
                code.setText(text)
            value.setText(f"= {way.value:.6f}")

    def _caption_text(self, worked: WorkedExample) -> str:
        values = [way.value for way in self._ways]
        if np.isnan(values).any():
            return self.tr("nan: an output rounds to 0 or 1, and 0 times an infinite logarithm is not a number")
        if np.isinf(values).any():
            return self.tr("inf: an output rounds to 0 or 1, and the logarithm of 0 is infinite")
        if worked.loss.name == "cross-entropy":
            return self.tr("z: the ten logits, (1, 10); y: the label, (1,)")
        return self.tr("z: the logits, y: the outputs, t: the targets; each (1, {})").format(len(worked.logits))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_program())


def _code_label() -> QLabel:
    label = QLabel()
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    label.setFont(font)
    label.setProperty("role", "code")
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label

"""A model's answer: the digit in large type, its confidence, and its ten bars."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.models.model_files import BEST, LAST
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, Prediction, probability_text
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.elided_label import ElidedLabel
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.form_metrics import UNLIMITED
from digitpad.gui.widgets.probability_bars import ProbabilityBars
from digitpad.gui.widgets.sentences import capitalised

# Both forms are equally high, so nothing below moves when models are compared.
_HEIGHT, _LOW_HEIGHT = 378, 348
_ANSWER_HEIGHT, _STACKED_HEIGHT = 116, 160
_ANSWER_WIDTH, _STACKED_ANSWER, _STACKED_WIDTH = 112, 96, 132
# The lowest confidence of a sure and of a fairly sure answer.
_SURE = 0.9
_FAIRLY_SURE = 0.7
_BREAK = "\N{ZERO WIDTH SPACE}"


class DigitAnswer(QFrame):
    """One model's answer. Its accessible name is the answer as a text; the compact form is for comparing models."""

    number_requested = Signal()

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._name = ElidedLabel()
        self._answer = QLabel()
        self.confidence = FastLabel()
        self._verdict = QLabel()
        self._label = QLabel()  # of a sample from a data set
        self.as_number = QPushButton(self.tr("Read as a number"))
        self._is_compact = compact
        self._alignment = Qt.AlignmentFlag.AlignCenter if compact else Qt.AlignmentFlag.AlignLeft
        self._head = QWidget()
        self._head_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._head)
        self.bars = ProbabilityBars(compact=compact)
        self.setProperty("role", "card")
        for label, role in (
            (self._name, "name"),
            (self._answer, "answer-small" if compact else "answer"),
            (self.confidence, "confidence-small" if compact else "confidence"),
            (self._verdict, "muted"),
            (self._label, "muted"),
        ):
            label.setProperty("role", role)
        self._answer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.as_number.setProperty("role", "link")
        self.as_number.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.as_number.setToolTip(self.tr("Read the drawing as a number, from left to right (N)"))
        self.as_number.hide()
        self._verdict.setWordWrap(True)

        side = 8 if compact else 12
        layout = self._layout = vbox(parent=self, spacing=4, margins=(side, 8, side, 12))
        if compact:
            self._lay_out_compact(layout)
        else:
            self._lay_out_large(layout)
        layout.addStretch()
        layout.addWidget(self.bars)
        self.setMinimumHeight(px(_HEIGHT))
        self.as_number.clicked.connect(self.number_requested)
        self.show_prediction(None)

    def set_low(self, *, on: bool) -> None:
        """Take less height, or as much as usual."""
        self.bars.set_low(on=on)
        self.setMinimumHeight(px(_LOW_HEIGHT if on else _HEIGHT))

    def set_flat(self, *, on: bool, is_stacked: bool = False) -> None:
        """Have the bars beside the digit, or below it; `is_stacked` is the digit above its probability."""
        if self._is_compact:
            return
        directions = QBoxLayout.Direction
        self._head_row.setDirection(directions.TopToBottom if is_stacked else directions.LeftToRight)
        self._head_row.setSpacing(px(4 if is_stacked else 16))
        self._head.setMinimumHeight(px(_STACKED_HEIGHT if is_stacked else _ANSWER_HEIGHT))
        # Else digit and probability would be apart where the bars are higher.
        centred = Qt.AlignmentFlag.AlignVCenter if is_stacked and on else Qt.AlignmentFlag(0)
        self._layout.setAlignment(self._head, centred)
        self._head.setMinimumWidth(px(_STACKED_WIDTH) if is_stacked else 0)
        self._head.setMaximumWidth(px(_STACKED_WIDTH) if is_stacked else UNLIMITED)
        self._answer.setFixedHeight(px(_STACKED_ANSWER if is_stacked else _ANSWER_HEIGHT))
        self._layout.setDirection(directions.LeftToRight if on else directions.TopToBottom)
        self._layout.setStretchFactor(self.bars, int(on))
        self.confidence.ensurePolished()
        widest = self.confidence.fontMetrics().horizontalAdvance(WIDEST_PROBABILITY) + 1  # it may have a fraction
        self.confidence.setMinimumWidth(widest if on and not is_stacked else 0)
        if on:
            self.bars.set_low(on=True, is_flat=True)
            self.setMinimumHeight(0)

    @property
    def answer(self) -> str:
        """The large text: a digit, "?" if the model is not sure or it is not a digit, "" for an empty pad."""
        return self._answer.text()

    @property
    def model_name(self) -> str:
        """The model's name above the answer; empty if it is hidden."""
        return self._name.text()

    def show_model(self, name: str) -> None:
        """Show the model's name above the answer; an empty name hides the line."""
        self._name.setText(name)
        self._name.setVisible(bool(name))

    @property
    def label(self) -> str:
        """The label of the sample that the model reads, and whether the answer is right: "✓ label 4"."""
        return "" if self._label.isHidden() else self._label.text()

    def show_prediction(
        self, prediction: Prediction | None, reason: str = "", *, several: int = 0, label: int | None = None
    ) -> None:
        """Show an answer, or the reason why there is none.

        `several` is the number of digits if it is more than one; `label` is that of a sample of a data set.
        """
        self.bars.show_prediction(prediction, has_winner=several < 2)
        self.bars.paint_now()  # the texts may start a new layout
        self._show_label(prediction, label)
        if self.toolTip():  # of a failure
            self.setToolTip("")
        # The narrow cards have no room for it; "Number" is above them.
        self.as_number.setVisible(several > 1 and not self._is_compact)
        self.confidence.setVisible(several < 2)  # the button takes its place
        if prediction is None or prediction.is_blank:
            self._set_texts("", "", reason, sure=True)
            self._answer.setVisible(self._is_compact)
            self._verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return
        self._answer.show()
        self._verdict.setAlignment(self._alignment)
        if several > 1:
            text = self.tr("Two digits?") if several == 2 else self.tr("{} digits?").format(several)
            self._set_texts("?", "", text, sure=False)
            return
        if prediction.is_refused:
            verdict = self.tr("Probably not a digit (closest: {})").format(prediction.best)
            # No line break before the digit.
            self._set_texts("?", "", verdict.replace(": ", ":\N{NO-BREAK SPACE}"), sure=False)
            return
        share = probability_text(prediction.confidence)
        if prediction.digit is None:
            self._set_texts("?", share, self.tr("Not sure, maybe {}").format(prediction.best), sure=False)
            return
        self._set_texts(str(prediction.digit), share, self._verdict_for(prediction.confidence), sure=True)

    def _show_label(self, prediction: Prediction | None, label: int | None) -> None:
        has_label = label is not None and prediction is not None and not prediction.is_blank
        self._label.setVisible(has_label)
        # The label takes the place of the second line.
        self._verdict.setMinimumHeight((1 if has_label else 2) * self._verdict.fontMetrics().height())
        if not has_label or prediction is None:
            return
        digit = None if prediction.is_refused else prediction.digit
        texts = {None: self.tr("label {}"), True: self.tr("✓ label {}"), False: self.tr("✗ label {}")}
        is_right = None if digit is None else digit == label
        self._label.setText(texts[is_right].format(label))
        self._label.setProperty("verdict", {None: "", True: "right", False: "wrong"}[is_right])
        self._label.style().polish(self._label)

    def show_failure(self, sentence: str, path: Path | None) -> None:
        """Show why a model cannot be used. The file is named without its folder, which only the tooltip has.

        The compact form has no room for the reason.
        """
        short = self.tr("This model cannot be used.") if self._is_compact else brief_failure(sentence, path)
        self.show_prediction(None, short)
        self.setToolTip(sentence)

    def _verdict_for(self, confidence: float) -> str:
        if confidence >= _SURE:
            return self.tr("Sure")
        return self.tr("Fairly sure") if confidence >= _FAIRLY_SURE else self.tr("A guess")

    def _set_texts(self, answer: str, share: str, verdict: str, *, sure: bool) -> None:
        for label, text in ((self._answer, answer), (self.confidence, share), (self._verdict, verdict)):
            if label.text() != text:
                label.setText(text)
        if self._answer.property("sure") != sure:
            self._answer.setProperty("sure", sure)
            self._answer.style().polish(self._answer)
        self.setAccessibleName(spoken_text(answer, share, verdict, self.label))

    def _lay_out_compact(self, layout: QVBoxLayout) -> None:
        self._answer.setFixedHeight(px(72))
        for label in (self._name, self._answer, self.confidence, self._verdict, self._label):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(label)

    def _lay_out_large(self, layout: QVBoxLayout) -> None:
        self._answer.setFixedSize(px(_ANSWER_WIDTH), px(_ANSWER_HEIGHT))
        column = vbox(None, self._name, self.confidence, self._verdict, self._label, spacing=2)
        column.addWidget(self.as_number, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        self._head_row.setContentsMargins(0, 0, 0, 0)
        self._head_row.setSpacing(px(16))
        self._head_row.addWidget(self._answer)
        self._head_row.addLayout(column, 1)
        self._head.setMinimumHeight(px(_ANSWER_HEIGHT))  # also while the answer is hidden
        layout.addWidget(self._head)


def brief_failure(sentence: str, path: Path | None) -> str:
    """Return the reason why a model cannot be used, with its file named without the folders around it.

    A run is named by its own folder: the files of all runs have the same name.
    """
    if path is not None:
        name = f"{path.parent.name}/{path.name}" if path.name in (BEST, LAST) else path.name
        sentence = sentence.replace(str(path), name)
    # A file name may have no place where the line can break.
    return "".join(f"{c}{_BREAK}" if c in "-_./\\" else c for c in capitalised(sentence))


def spoken_text(*parts: str) -> str:
    """Return the parts of an answer as one text for screen readers."""
    return ", ".join(filter(None, parts)).replace(_BREAK, "").replace("\N{NO-BREAK SPACE}", " ")

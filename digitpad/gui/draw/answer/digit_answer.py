"""A model's answer: the digit in large type, how sure it is, and its ten bars."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.recognition.prediction import Prediction
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.probability_bars import ProbabilityBars
from digitpad.gui.widgets.sentences import capitalised

# One height for both forms, so that nothing below moves when models are compared.
_HEIGHT = 378
_ANSWER_HEIGHT = 116
# From these probabilities on an answer is called so.
_SURE = 0.9
_FAIRLY_SURE = 0.7


class DigitAnswer(QFrame):
    """One model's answer. The compact form stands beside others in the comparison."""

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._answer = QLabel()
        self._confidence = FastLabel()
        self._verdict = QLabel()
        self._is_compact = compact
        self._full_name = ""
        self._alignment = Qt.AlignmentFlag.AlignCenter if compact else Qt.AlignmentFlag.AlignLeft
        self.bars = ProbabilityBars(compact=compact)
        self.setProperty("role", "card")
        for label, role in (
            (self._name, "name"),
            (self._answer, "answer-small" if compact else "answer"),
            (self._confidence, "confidence-small" if compact else "confidence"),
            (self._verdict, "muted"),
        ):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._answer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it is elided
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumHeight(2 * self._verdict.fontMetrics().height())

        layout = QVBoxLayout(self)
        layout.setContentsMargins(8 if compact else 12, 8, 8 if compact else 12, 12)
        layout.setSpacing(4)
        if compact:
            self._lay_out_compact(layout)
        else:
            self._lay_out_large(layout)
        layout.addStretch()
        layout.addWidget(self.bars)
        self.setMinimumHeight(_HEIGHT)
        self.show_prediction(None)

    @property
    def answer(self) -> str:
        """The large text: a digit, "?" where the model is not sure or it is none, nothing for an empty pad."""
        return self._answer.text()

    @property
    def reason(self) -> str:
        """What is said below the answer, or in its place."""
        return self._verdict.text().replace("\N{ZERO WIDTH SPACE}", "")

    @property
    def reason_tip(self) -> str:
        """The same in full, where it was shortened."""
        return self._verdict.toolTip()

    def show_model(self, name: str) -> None:
        """Name the model above the answer; an empty name takes the line away."""
        self._full_name = name
        self._name.setToolTip(name)
        self._name.setVisible(bool(name))
        self._elide_name()

    def show_prediction(self, prediction: Prediction | None, reason: str = "") -> None:
        """Show an answer, or why there is none."""
        self._verdict.setToolTip("")
        self.bars.show_prediction(prediction)
        if prediction is None or prediction.is_blank:
            self._set_texts("", "", reason, sure=True)
            self._answer.setVisible(self._is_compact)
            self._verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return
        self._answer.show()
        self._verdict.setAlignment(self._alignment)
        if prediction.is_refused:
            perhaps = self.tr("if it is one: {}").format(prediction.best)
            self._set_texts("?", self.tr("not a digit?"), perhaps, sure=False)
            return
        share = f"{prediction.confidence:.1%}".replace("%", " %")
        if prediction.digit is None:
            perhaps = self.tr("not sure: perhaps {}").format(prediction.best)
            self._set_texts("?", share, perhaps, sure=False)
            return
        self._set_texts(str(prediction.digit), share, self._verdict_for(prediction.confidence), sure=True)

    def show_failure(self, sentence: str, path: Path | None) -> None:
        """Say why a model cannot be used; its file is named without its folders, which the tooltip has.

        The compact form has no room for more than that it is so.
        """
        short = self.tr("This model cannot be used.") if self._is_compact else brief_failure(sentence, path)
        self.show_prediction(None, short)
        self._verdict.setToolTip(sentence)

    def _verdict_for(self, confidence: float) -> str:
        if confidence >= _SURE:
            return self.tr("sure")
        return self.tr("fairly sure") if confidence >= _FAIRLY_SURE else self.tr("a guess")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._elide_name()
        super().resizeEvent(event)

    def _elide_name(self) -> None:
        width = self.contentsRect().width() - 20
        self._name.setText(self._name.fontMetrics().elidedText(self._full_name, Qt.TextElideMode.ElideMiddle, width))

    def _set_texts(self, answer: str, share: str, words: str, *, sure: bool) -> None:
        for label, text in ((self._answer, answer), (self._confidence, share), (self._verdict, words)):
            if label.text() != text:
                label.setText(text)
        if self._answer.property("sure") != sure:
            self._answer.setProperty("sure", sure)
            self._answer.style().polish(self._answer)
        self._answer.setAccessibleName(self.tr("Answer {}, {} {}").format(answer, share, words))

    def _lay_out_compact(self, layout: QVBoxLayout) -> None:
        self._answer.setFixedHeight(72)
        for label in (self._name, self._answer, self._confidence, self._verdict):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(label)

    def _lay_out_large(self, layout: QVBoxLayout) -> None:
        self._answer.setFixedSize(112, _ANSWER_HEIGHT)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        for label in (self._name, self._confidence, self._verdict):
            words.addWidget(label)
        words.addStretch()
        row = QHBoxLayout()
        row.addStrut(_ANSWER_HEIGHT)  # kept while the answer is away
        row.setSpacing(16)
        row.addWidget(self._answer)
        row.addLayout(words, 1)
        layout.addLayout(row)


def brief_failure(sentence: str, path: Path | None) -> str:
    """Shorten the sentence that says why a model cannot be used: its file is named without its folders."""
    short = sentence.replace(str(path), path.name) if path else sentence
    # A file's name may have no place to break.
    return "".join(f"{c}\N{ZERO WIDTH SPACE}" if c in "-_./\\" else c for c in capitalised(short))

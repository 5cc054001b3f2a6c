"""What the section "Train on my digits" shows while it learns, and when it has learned."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.fine_tuning.events import MAX_FORGOTTEN, FineTuned
from digitpad.gui.my_digits.fine_tuning.comparison_table import ComparisonTable
from digitpad.gui.session.fine_tuning_progress import Stage, TuningProgress
from digitpad.gui.theme.fonts import FIGURES_PX, tabular_font
from digitpad.gui.widgets.sentences import capitalised

_FULL = 1000


class WrappedLabel(QLabel):
    """Plain words that wrap wherever they have to, and are hidden while there are none."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # A path or a name may have no place to break.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def show_text(self, text: str) -> None:
        """Say something else, or nothing."""
        self.setText(capitalised(text))
        self.setVisible(bool(text))


class RunningPage(QWidget):
    """What is being done, how far it is, and Stop."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from, self._status = WrappedLabel("hint"), QLabel()
        self._bar, self.stop = QProgressBar(), QPushButton(self.tr("Stop"))
        self._bar.setRange(0, _FULL)
        self._bar.setTextVisible(False)
        self._status.setFont(tabular_font(self._status.font(), FIGURES_PX))
        self.stop.setToolTip(self.tr("Nothing is kept of what was learned, and the model stays as it was."))

        layout = _column(self)
        layout.addWidget(self._from)
        layout.addStretch()
        for widget in (self._status, self._bar, self.stop):
            layout.addWidget(widget)

        self.stop.clicked.connect(self.stop_requested)

    @property
    def status(self) -> str:
        """What is being done."""
        return self._status.text()

    @property
    def fraction(self) -> float:
        """How much of the bar is filled."""
        return self._bar.value() / _FULL

    def start(self, sentence: str) -> None:
        """Say what has begun."""
        self._from.show_text(sentence)
        self.stop.setEnabled(True)
        self.show_progress(TuningProgress())

    def show_progress(self, progress: TuningProgress) -> None:
        """Show how far it is."""
        self._status.setText(_stage_text(progress, self.tr))
        self._bar.setValue(round(_FULL * progress.fraction))
        self._bar.setAccessibleName(self._status.text())

    def show_stopping(self) -> None:
        """Show that it ends as soon as it can."""
        self.stop.setEnabled(False)
        self._status.setText(self.tr("Stopping…"))


class DonePage(QWidget):
    """What it brought, and whether it is to be kept."""

    keep_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from, self.table = WrappedLabel("hint"), ComparisonTable()
        self._notes, self._problem = WrappedLabel("hint"), WrappedLabel("note")
        self.keep, self.discard = QPushButton(self.tr("Keep")), QPushButton(self.tr("Throw away"))
        self.keep.setToolTip(self.tr("Save it beside the model it was made from, which stays as it is."))
        self.keep.setAutoDefault(True)  # Enter keeps

        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.keep, 1)
        buttons.addWidget(self.discard, 1)
        layout = _column(self)
        for widget in (self._from, self.table, self._notes, self._problem):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addLayout(buttons)

        self.keep.clicked.connect(self.keep_requested)
        self.discard.clicked.connect(self.discard_requested)

    @property
    def notes(self) -> str:
        """What is said below the figures."""
        return self._notes.text()

    @property
    def problem(self) -> str:
        """Why it could not be kept."""
        return self._problem.text()

    def show_result(self, result: FineTuned, sentence: str) -> None:
        """Show what it brought; the button that is advised stands out, where one is."""
        self._from.show_text(sentence)
        self.table.show_result(result)
        self._notes.show_text("\n\n".join(f"{note}." for note in result.notes))
        self._problem.show_text("")
        is_new = result.blend > 0
        self.keep.setVisible(is_new)
        self.discard.setText(self.tr("Throw away") if is_new else self.tr("Close"))
        advised = {True: self.keep, False: self.discard, None: None}[is_worth_keeping(result)]
        _advise(self.keep, self.discard, advised=advised)

    def show_problem(self, sentence: str) -> None:
        """Say why it could not be kept."""
        self._problem.show_text(sentence)


def is_worth_keeping(result: FineTuned) -> bool | None:
    """Tell whether the new model is another one, no worse on the user's digits, and little worse on MNIST.

    None where that cannot be told, because none of the user's digits was held out.
    """
    own, mnist = (result.before.my_digits, result.after.my_digits), (result.before.mnist, result.after.mnist)
    forgets = mnist[0] is not None and mnist[1] is not None and mnist[0].accuracy - mnist[1].accuracy > MAX_FORGOTTEN
    if not result.blend or forgets:
        return False
    return None if own[0] is None or own[1] is None else own[1].right >= own[0].right


def _advise(*buttons: QPushButton, advised: QPushButton | None) -> None:
    for button in buttons:
        button.setProperty("role", "primary" if button is advised else None)
        button.style().polish(button)


def _stage_text(progress: TuningProgress, tr: Callable[[str], str]) -> str:
    words = {
        Stage.LOADING: tr("Loading the images…"),
        Stage.BEFORE: tr("Measuring before: {:,} of {:,}"),
        Stage.PREPARING: tr("Varying your digits: {:,} of {:,}"),
        Stage.LEARNING: tr("Learning: step {:,} of {:,}"),
        Stage.AFTER: tr("Measuring after: {:,} of {:,}"),
    }[progress.stage]
    return words.format(progress.done, progress.total)


def _column(page: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    return layout

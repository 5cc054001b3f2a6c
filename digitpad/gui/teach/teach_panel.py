"""The view "Teach it": asks for each digit three times, keeps them, and trains a model on them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from digitpad.core.ink.drawing import Drawing
from digitpad.core.translation import tr_plural
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.fine_tuning.panel import FineTuningPanel
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.my_digits.worker import Delete, Job, Relabel
from digitpad.gui.session.session import Session
from digitpad.gui.teach.rings import RingRow
from digitpad.gui.teach.rounds import TIMES, Rounds
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import add_space, hbox, least_width, vbox
from digitpad.gui.widgets.scroll_column import SCROLL_BAR, scroll_column
from digitpad.gui.widgets.side_panel import SidePanel

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_LEFT, _RIGHT = 12, 8  # margins
_BESIDE_CONTENT = _LEFT + _RIGHT + SCROLL_BAR


class TeachPanel(SidePanel):
    """Counts the digits that are kept while it is shown; the pad is cleared after each of them."""

    keep_requested = Signal(int)  # the drawing on the pad, with this label
    wanted_changed = Signal()
    pad_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Teach it your digits"), "T", parent)
        self._session, self._rounds = session, Rounds()
        self._is_ready = False
        self._taking_back: set[Job] = set()
        self._prompt, self._place, self.rings = QLabel(), QLabel(), RingRow()
        self.keep, self.take_back = QPushButton(), QPushButton(self.tr("Take back the last one"))
        self.skip = QPushButton(self.tr("Skip this digit"))
        self.training, content = FineTuningPanel(session), QWidget()
        self._column = scroll_column(content)
        explain(self, "my-digits#teach")
        for label, role in ((self._prompt, "confidence"), (self._place, "muted")):
            label.setProperty("role", role)
        for label in (self._prompt, self._place):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.keep.setProperty("role", "primary")
        self.keep.setProperty("large", "true")
        for button in (self.take_back, self.skip):
            button.setProperty("role", "link")
        self.take_back.setToolTip(self.tr("Delete the last digit again, and bring its drawing back to the pad"))
        for button in (self.keep, self.take_back, self.skip):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard

        self._links = hbox(self.take_back, (self.skip, 1), spacing=8)
        column = vbox(self._prompt, self._place, self.keep, self.rings, self._links, parent=content, spacing=10)
        add_space(column, 12)
        column.addWidget(self.training)
        column.addStretch()
        heading = hbox(self.title, None, self.close_button, spacing=8)
        vbox(heading, (self._column, 1), parent=self, spacing=8, margins=(_LEFT, 4, _RIGHT, 8))

        self.keep.clicked.connect(self.keep_wanted)
        self.take_back.clicked.connect(self._on_take_back)
        self.skip.clicked.connect(self._on_skip)
        self.training.pad_requested.connect(self.pad_requested)
        session.recognition.became_ready.connect(self._show_button)
        session.my_digits.kept.connect(self._on_kept)
        session.my_digits.deleted.connect(self._on_deleted)
        session.my_digits.relabelled.connect(self._on_relabelled)
        self._refresh()

    @property
    def prompt(self) -> str:
        """What to do: "Draw a 0"."""
        return self._prompt.text()

    @property
    def place(self) -> str:
        """How far it is: "1 of 3"."""
        return self._place.text()

    @property
    def wanted(self) -> int | None:
        """The digit to draw next; None when all were drawn."""
        return self._rounds.wanted

    @Slot(bool)
    def show_ready(self, is_ready: bool) -> None:
        """Show whether there is a drawing that can be kept."""
        self._is_ready = is_ready
        self._show_button()

    @Slot()
    def keep_wanted(self) -> None:
        """Keep the drawing as the digit that was asked for; does nothing without a drawing that was answered."""
        if self._is_ready and self.wanted is not None:
            self.keep_requested.emit(self.wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.my_digits.request_read()
        self._say_task()

    def _say_task(self) -> None:
        if self.isVisible():
            announce(self, f"{self.prompt}. {self.place}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(map(least_width, (self.take_back, self.skip))) + self._links.spacing()
        is_wide, directions = self.width() >= needed + px(_BESIDE_CONTENT), QBoxLayout.Direction
        self._links.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self._links.setAlignment(self.take_back, left)
        self._links.setAlignment(self.skip, right if is_wide else left)

    @Slot(object, object, object)
    def _on_kept(self, drawing: Drawing, digit: "MyDigit", _before: int | None) -> None:
        if not self.isVisible():
            return
        self._rounds.keep(digit.id, digit.label)
        if drawing is self._session.pad.drawing:
            self._session.pad.clear()
        self._refresh()
        if self.wanted is None:
            self.training.start_page.start.setFocus()

    @Slot(object, int)
    def _on_deleted(self, job: Delete, _count: int) -> None:
        for number in job.numbers:
            self._rounds.take_back(number)
        if job in self._taking_back:
            self._taking_back.discard(job)
            if not self._session.pad.drawing:
                self._session.pad.undo_stack.undo()
        self._refresh()

    @Slot(object, int)
    def _on_relabelled(self, job: Relabel, _count: int) -> None:
        for number, label in job.labels.items():
            if number in self._rounds.kept:
                self._rounds.keep(number, label)
        self._refresh()

    @Slot()
    def _on_take_back(self) -> None:
        if self._rounds.kept:
            self._taking_back.add(self._session.my_digits.delete((next(reversed(self._rounds.kept)),)))

    @Slot()
    def _on_skip(self) -> None:
        self._rounds.skip()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        wanted, counts = self.wanted, self._rounds.counts
        self.rings.show_counts(counts, wanted)
        if wanted is None:
            total = sum(counts)
            text = tr_plural("{:,} digit is kept.", "{:,} digits are kept.", total)
            self._prompt.setText(self.tr("Now train a model on them"))
            self._place.setText(text.format(total))
        else:
            self._prompt.setText(self.tr("Draw a {}, three times").format(wanted))
            self._place.setText(self.tr("{} of {}; press Enter to keep it").format(counts[wanted] + 1, TIMES))
        self._highlight_training(is_next=wanted is None)
        self.take_back.setEnabled(bool(self._rounds.kept))
        self.skip.setVisible(wanted is not None)
        self._show_button()
        if self.isVisible():
            self._session.my_digits.request_read()
            self._say_task()
        self.wanted_changed.emit()

    @Slot()
    def _show_button(self) -> None:
        wanted = self.wanted
        self.keep.setVisible(wanted is not None)
        self.keep.setText(self.tr("Keep it as {}").format(wanted))
        self.keep.setEnabled(self._is_ready)
        is_loading = not self._session.recognition.is_ready
        reason = self.tr("The model is loading.") if is_loading else self.tr("Draw on the pad first.")
        self.keep.setToolTip("" if self._is_ready else reason)

    def _highlight_training(self, *, is_next: bool) -> None:
        start = self.training.start_page.start
        if (start.property("role") == "primary") != is_next:
            start.setProperty("role", "primary" if is_next else None)
            start.setProperty("large", "true" if is_next else None)
            start.style().polish(start)

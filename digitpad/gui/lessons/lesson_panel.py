"""The panel of a lesson: the step's text, what to do, and the buttons."""

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from digitpad.gui.help.markdown_text import MarkdownText
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox

_NARROW_MARGINS, _WIDE_MARGINS = (16, 6, 16, 6), (16, 12, 12, 12)


class LessonPanel(QFrame):
    """Shows a step and reports what the user requests. It knows no lesson.

    Beside the pages it has all their height. Below them it is a line, with the text above it unless it is folded.
    """

    show_requested = Signal()
    back_requested = Signal()
    next_requested = Signal()
    close_requested = Signal()
    download_requested = Signal()
    folded_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "lessons")
        self._is_beside, self._is_folded = True, False
        self._is_to_do = False  # whether the step asks for something that is not done
        self.lesson_title, self.place, self.step_title = QLabel(), QLabel(), QLabel()
        self.text, self.goal, self.note = MarkdownText(), QLabel(), QLabel()
        self.download, self.show_me = QPushButton(), QPushButton(self.tr("Show me"))
        self.back, self.next = QPushButton(self.tr("Back")), QPushButton()
        self.close_button, self.fold = QToolButton(), QToolButton()
        self._head, self._needs, self._foot = QWidget(), QWidget(), QWidget()
        self._places = QGridLayout(self._foot)
        self._places.setContentsMargins(0, 0, 0, 0)
        self._places.setHorizontalSpacing(px(8))
        self._set_up()

        top = hbox((self.lesson_title, 1), self.place, self.close_button, spacing=8)
        vbox(top, self.step_title, parent=self._head, spacing=8)
        vbox(self.note, hbox(self.download, None), parent=self._needs, spacing=4)
        self._column = vbox(self._head, (self.text, 1), self._needs, self._foot, parent=self, spacing=10)
        self._buttons = hbox(self.show_me, None, self.back, self.next, spacing=8)
        self.set_beside(is_beside=True)

        self.show_me.clicked.connect(self._on_show_me_clicked)
        self.back.clicked.connect(self.back_requested)
        self.next.clicked.connect(self.next_requested)
        self.close_button.clicked.connect(self.close_requested)
        self.download.clicked.connect(self.download_requested)
        self.fold.clicked.connect(self._on_fold_clicked)

    def _set_up(self) -> None:
        for label, role in ((self.lesson_title, "name"), (self.place, "caption"), (self.step_title, "title")):
            label.setProperty("role", role)
        self.note.setProperty("role", "note")
        self.goal.setProperty("role", "goal")
        for label in (self.lesson_title, self.step_title, self.goal, self.note):
            label.setWordWrap(True)
        for label in (self.lesson_title, self.goal):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Lesson"))
        self.text.setAccessibleName(self.tr("Text of the step"))
        self.show_me.setToolTip(self.tr("Shows the page of this step, with everything set"))
        for button, name in ((self.close_button, self.tr("Close the lesson (Esc)")), (self.fold, "")):
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.next.setMinimumWidth(px(76))  # its text changes
        self._tint()

    @property
    def is_beside(self) -> bool:
        """Whether it is beside the pages."""
        return self._is_beside

    @property
    def is_folded(self) -> bool:
        """Whether only the line is shown."""
        return self._is_folded and not self._is_beside

    def show_step(self, lesson: str, place: str, title: str, text: str) -> None:
        """Show a step: the title of its lesson, "Step 2 of 6", its own title, and its Markdown."""
        self.lesson_title.setText(lesson)
        self.place.setText(place)
        self.step_title.setText(title)
        self.text.show_markdown(text)
        self._set_folded(is_folded=False)

    def show_buttons(self, *, can_show: bool, can_go_back: bool, next_text: str) -> None:
        """Show which buttons there are."""
        self.show_me.setVisible(can_show)
        self.back.setEnabled(can_go_back)
        self.next.setText(next_text)

    def show_goal(self, text: str, *, is_done: bool) -> None:
        """Show what to do, or that it is done; an empty text hides the line."""
        self.goal.setText(f"{'✓' if is_done else '○'} {text}" if text else "")
        self.goal.setToolTip(text)
        self.goal.setProperty("verdict", "right" if is_done else "")
        self.goal.style().polish(self.goal)
        self._lead(self.next if is_done or not text else self.show_me)
        self._is_to_do = bool(text) and not is_done

    def show_needs(self, note: str, button: str) -> None:
        """Show what is missing, with a button to get it; an empty note hides both."""
        self.note.setText(note)
        self.download.setText(button)
        self.download.setVisible(bool(button))
        self._needs.setVisible(bool(note) and not self.is_folded)

    def set_beside(self, *, is_beside: bool) -> None:
        """Arrange the panel beside the pages, or below them."""
        self._is_beside = is_beside
        for part in (self.goal, self.fold):
            self._places.removeWidget(part)
        self._places.removeItem(self._buttons)
        self._places.addWidget(self.fold, 0, 0)
        self._places.addWidget(self.goal, *((0, 0, 1, 2) if is_beside else (0, 1, 1, 1)))
        self._places.addLayout(self._buttons, *((1, 0, 1, 2) if is_beside else (0, 2, 1, 1)))
        self._places.setColumnStretch(1, 1)
        self._column.setContentsMargins(*map(px, _WIDE_MARGINS if is_beside else _NARROW_MARGINS))
        self.setProperty("place", "beside" if is_beside else "below")
        self.style().polish(self)
        self.fold.setVisible(not is_beside)
        self.goal.setWordWrap(is_beside)  # below there is one line
        self._refresh()

    @property
    def line_height(self) -> int:
        """The height of the line below the pages, px."""
        return self._foot.sizeHint().height() + px(_NARROW_MARGINS[1] + _NARROW_MARGINS[3])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def fold_text(self) -> None:
        """Show only the line below the pages, if the panel is there."""
        if not self._is_beside:
            self._set_folded(is_folded=True)

    def _set_folded(self, *, is_folded: bool) -> None:
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._refresh()
            self.folded_changed.emit(is_folded)

    def _refresh(self) -> None:
        for part in (self._head, self.text):
            part.setVisible(not self.is_folded)
        self._needs.setVisible(bool(self.note.text()) and not self.is_folded)
        tip = self.tr("Show the text of the step") if self.is_folded else self.tr("Hide the text, to see the page")
        self.fold.setToolTip(tip)
        self.fold.setAccessibleName(tip)
        self._tint()

    def _lead(self, button: QPushButton | None) -> None:
        """Emphasise the button to press next; None: neither."""
        for other in (self.show_me, self.next):
            other.setProperty("role", "primary" if other is button else "")
            other.style().polish(other)

    def _tint(self) -> None:
        self.close_button.setIcon(line_icon("close"))
        self.fold.setIcon(line_icon("chevron-up" if self.is_folded else "chevron"))

    @Slot()
    def _on_show_me_clicked(self) -> None:
        self.fold_text()  # the page is what counts now
        self._lead(None if self._is_to_do else self.next)  # now the page leads
        self.show_requested.emit()

    @Slot()
    def _on_fold_clicked(self) -> None:
        self._set_folded(is_folded=not self._is_folded)

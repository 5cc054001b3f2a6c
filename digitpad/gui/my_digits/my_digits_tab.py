"""The My digits tab: the user's labelled drawings."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTabBar, QWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.models.model_files import display_name
from digitpad.gui.fine_tuning.panel import FineTuningPanel
from digitpad.gui.help.term_label import explain
from digitpad.gui.my_digits.gallery import MyDigitsGallery
from digitpad.gui.my_digits.import_export import ImportExportActions, Kind
from digitpad.gui.my_digits.summary import MyDigitsSummary
from digitpad.gui.my_digits.undoable_edits import UndoableEdits
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.form_metrics import SMALLEST_MY_DIGITS_TAB, UNLIMITED
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.scroll_column import scroll_column
from digitpad.gui.widgets.sentences import sentence

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

# In a tab narrower than the first, digits and overview are two pages; from the second on the overview has its width.
_TWO_COLUMNS, _WIDE = 620, 1000
_COLUMN, _NARROW_COLUMN = 280, 256
_DIGITS, _OVERVIEW = range(2)


class MyDigitsTab(QWidget):
    """Connects the gallery, the summary, import and export, and fine-tuning. It shows the contents of the file."""

    pad_requested = Signal()
    teach_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "my-digits")
        self._session = session
        self._snapshot: MyDigitsSnapshot | None = None
        self._wants_focus = False
        self._read_problem = ""
        self._restored: tuple[int, ...] = ()  # ids of digits to select when they are read
        self.fine_tuning = FineTuningPanel(session)
        self.gallery, self.messages = MyDigitsGallery(), MessageBar(self)
        self.summary = MyDigitsSummary(self.fine_tuning)
        self.edits = UndoableEdits(session.my_digits, self)
        self.import_export = ImportExportActions(session, self.messages, self)
        self._undo = QAction(self.tr("&Undo"), self)
        self.pages = QTabBar()
        self._on_stage = False
        self._column = scroll_column(self.summary)
        self.summary.hide()  # until the digits are read
        self.setMinimumSize(px(SMALLEST_MY_DIGITS_TAB))
        self._undo.setShortcut(QKeySequence.StandardKey.Undo)
        self._undo.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(self._undo)

        self.pages.hide()
        self.pages.setDrawBase(False)
        self.pages.setExpanding(False)
        self.pages.setAccessibleName(self.tr("Digits or overview"))
        for title in (self.tr("Digits"), self.tr("Overview")):
            self.pages.addTab(title)
        columns = hbox((self.gallery, 1), self._column, spacing=16)
        vbox(self.pages, (columns, 1), parent=self, spacing=8, margins=(16, 12, 16, 12))
        self._connect()

    def _connect(self) -> None:
        self.pages.currentChanged.connect(self._show_columns)
        my_digits, view, summary = self._session.my_digits, self.gallery, self.summary
        my_digits.read.connect(self._on_read)
        my_digits.read_failed.connect(self._on_read_failed)
        my_digits.changed.connect(self._on_changed)
        my_digits.problem_found.connect(self.messages.warn)
        my_digits.was_set_aside.connect(self.messages.warn_until_closed)
        if my_digits.set_aside:
            self.messages.warn_until_closed(my_digits.set_aside)
        self.edits.done.connect(self._on_done)
        self.edits.missed.connect(self.messages.inform)
        self.edits.undone.connect(self._on_undone)
        self._undo.triggered.connect(self.edits.undo)
        view.put_on_pad_requested.connect(self._on_put_on_pad)
        view.label_requested.connect(self._on_label_requested)
        view.delete_requested.connect(self._on_delete_requested)
        view.page.action_requested.connect(self._on_page_action)
        summary.teach_requested.connect(self.teach_requested)
        self.fine_tuning.pad_requested.connect(self.pad_requested)
        self.fine_tuning.result_shown.connect(self._on_result_shown)
        summary.labels_chosen.connect(self._on_labels_chosen)
        summary.import_file_requested.connect(self.import_export.import_file)
        summary.import_folder_requested.connect(self.import_export.import_folder)
        summary.backup_requested.connect(self.import_export.back_up)
        summary.export_requested.connect(self._on_export_requested)

    @property
    def undo_actions(self) -> list[QAction]:
        """The undo commands for the Edit menu."""
        return [self._undo]

    def set_stage(self, *, on: bool) -> None:
        """Show only the digits, large; or everything."""
        self._on_stage = on
        self.gallery.set_stage(on=on)
        self._show_columns()

    def take_focus(self) -> None:
        """Give the focus to the digits, or to the button of the message in their place."""
        self.pages.setCurrentIndex(_DIGITS)
        self._wants_focus = self._snapshot is None
        (self.gallery.page.action if self.gallery.shows_message else self.gallery.grid).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.my_digits.request_read()  # another window may have changed them

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = event.size().width()
        column, is_single = px(_COLUMN if width >= px(_WIDE) else _NARROW_COLUMN), width < px(_TWO_COLUMNS)
        self._column.setMinimumWidth(0 if is_single else column)
        self._column.setMaximumWidth(UNLIMITED if is_single else column)
        self._show_columns()
        super().resizeEvent(event)

    @Slot()
    def _show_columns(self) -> None:
        """Show the digits beside the overview, in a narrow tab one of them, on stage the digits."""
        is_single = self.width() < px(_TWO_COLUMNS) and not self._on_stage
        current = self.pages.currentIndex()
        hidden = self._column if current == _DIGITS else self.gallery
        if is_single and hidden.isAncestorOf(self.focusWidget()):
            self.pages.setFocus()  # Qt would give it to any button
        self.pages.setVisible(is_single)
        self.gallery.setVisible(not is_single or current == _DIGITS)
        self._column.setVisible(not self._on_stage and (not is_single or current == _OVERVIEW))

    @Slot()
    def _on_result_shown(self) -> None:
        self._column.ensureWidgetVisible(self.fine_tuning, 0, 8)

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():
            self._session.my_digits.request_read()

    @Slot(object)
    def _on_read(self, snapshot: MyDigitsSnapshot) -> None:
        self._snapshot = snapshot
        self.messages.retract(self._read_problem)
        entries = self._session.models.entries
        names = {entry.card.name: display_name(entry) for entry in entries if not entry.belongs_to_run}
        self.summary.show()
        self.summary.show_digits(snapshot, names)
        # Without a digit of the chosen labels the grid would be empty.
        labels = self.gallery.labels if len(snapshot.rows_with(self.gallery.labels)) else frozenset[int]()
        self._show(labels)
        if self._restored:
            self.gallery.grid.select_ids(self._restored)
            self._restored = ()
        if self._wants_focus and self.isVisible():
            self.take_focus()
        self._wants_focus = False

    def _show(self, labels: frozenset[int]) -> None:
        if self._snapshot is None:
            return
        # A hidden page still has a focus widget of its own; the page that is shown keeps the keyboard.
        had_focus = self.isVisible() and self.gallery.isAncestorOf(self.focusWidget())
        if had_focus:
            self.setFocus()  # a hidden widget would give the focus to another one
        self.gallery.show_digits(self._snapshot, labels)
        self.summary.show_labels(labels)
        if not len(self._snapshot):
            text = self.tr("Draw each digit three times, and a model learns your handwriting. Or import digits.")
            self.gallery.show_message(self.tr("No digits yet"), text, self.tr("Draw 0 to 9, three times each"), "mine")
        if had_focus:
            self.take_focus()

    @Slot(str)
    def _on_read_failed(self, why: str) -> None:
        if self._snapshot is None:
            text = self.tr("{}.\n\nNothing was changed, and the pad works without it.").format(why)
            self.gallery.show_message(self.tr("My digits cannot be opened"), text, self.tr("Try again"), "warning")
        else:
            self._read_problem = sentence(why)
            self.messages.warn(why)

    @Slot()
    def _on_page_action(self) -> None:
        if self._snapshot is None:
            self.messages.hide_temporary()
            self._session.my_digits.request_read()
        else:
            self.teach_requested.emit()

    @Slot(object)
    def _on_labels_chosen(self, labels: frozenset[int]) -> None:
        if self._snapshot is None or not len(self._snapshot):
            return
        self._show(frozenset(label for label in labels if self._snapshot.counts[label]))
        self.pages.setCurrentIndex(_DIGITS)

    @Slot(int)
    def _on_label_requested(self, label: int) -> None:
        self.edits.relabel(self.gallery.selected(), label)

    @Slot()
    def _on_delete_requested(self) -> None:
        self.edits.delete(self.gallery.selected())

    @Slot(str)
    def _on_done(self, text: str) -> None:
        self.messages.offer(text, self.tr("Undo"), self.edits.undo)

    @Slot(str, object)
    def _on_undone(self, text: str, ids: tuple[int, ...]) -> None:
        self._restored = ids
        self.messages.inform(text)

    @Slot(str)
    def _on_export_requested(self, kind: str) -> None:
        selected = self.gallery.selected()
        self.import_export.export(cast("Kind", kind), selected if len(selected) > 1 else self.gallery.shown())

    @Slot(object)
    def _on_put_on_pad(self, digit: "MyDigit") -> None:
        try:
            drawing = digit.drawing
        except DigitpadError as error:
            self.messages.warn(str(error))
            return
        self._session.my_digits.remember(drawing, digit)
        self.messages.hide_warning()
        self._session.pad.change(drawing, self.tr("my {}").format(digit.label))
        self.pad_requested.emit()

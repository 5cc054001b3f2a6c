"""The table of runs in the Train tab, and the actions on them."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)

from digitpad.core.runs.run_folder import Run
from digitpad.gui.train.runs.runs_model import ACCURACY, DATE, NAME, RECIPE, RUN_ROLE, TIME, RunNameDelegate, RunsModel
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.form_metrics import HEADING_HEIGHT

_RECIPE_WIDTH = 112
# Below these widths of the table, px, columns are hidden.
_MIN_WIDTHS = {RECIPE: 500, DATE: 400}
_MIN_HEIGHT = 96


class RunsTable(QWidget):
    """Shows runs, and reports which actions the user requests."""

    shown_changed = Signal()
    use_requested = Signal(object)
    mistakes_requested = Signal(object)
    resume_requested = Signal(object)
    settings_requested = Signal(object)
    rename_requested = Signal(object, str)
    delete_requested = Signal(list)
    export_requested = Signal(object, str)
    selection_changed = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsModel(self)
        self._heading = QLabel(self.tr("Runs"))
        self._empty = QLabel(self.tr("No runs yet. Every training is listed here. Tick runs to compare their curves."))
        self.view = QTableView()
        self.use = QPushButton(self.tr("Use on the pad"))
        self.mistakes = QPushButton(self.tr("Show mistakes"))
        self._more = QToolButton()
        self._menu = QMenu(self)
        self._busy = self._is_updating = self._was_filled = False
        self._resumable: Collection[Path] = ()
        self._reported: list[Path] = []  # the folders of the selection that was emitted last
        self._fill_menu()
        self._set_up_labels()
        self._set_up_view()

        heading = hbox(self._heading, None, self.use, self.mistakes, self._more)
        heading.addStrut(HEADING_HEIGHT)
        vbox(heading, self._empty, (self.view, 1), parent=self, spacing=6)

        self.model.shown_changed.connect(self.shown_changed)
        self.model.rename_requested.connect(self.rename_requested)
        self.view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.view.doubleClicked.connect(self._on_double_clicked)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self.use.clicked.connect(self._on_use)
        self.mistakes.clicked.connect(self._on_mistakes)
        self._show_rows(has_focus=False)

    @property
    def selected(self) -> list[Run]:
        """The selected runs, from top to bottom."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [self.model.runs[row] for row in rows]

    def show_runs(self, runs: list[Run], live: Run | None = None, *, resumable: Collection[Path] = ()) -> None:
        """Show these runs and keep the selection. `resumable` holds the folders of runs that can be resumed."""
        self._resumable = resumable
        had_focus = self.view.hasFocus() or self.hasFocus()
        old, before = self.model.runs, {run.folder for run in self.selected}
        self._is_updating = True
        self.model.show_runs(runs, live.folder if live else None)
        if not self.selected and (row := self._row_to_select(old, before)) is not None:
            self._select_row(row)
        self._was_filled = self._was_filled or bool(runs)
        self._is_updating = False
        self._show_rows(has_focus=had_focus)

    def select(self, run: Run) -> None:
        """Select a run."""
        for row, known in enumerate(self.model.runs):
            if known.folder == run.folder:
                self._select_row(row)
                self.view.scrollTo(self.model.index(row, NAME))

    def resizeEvent(self, event: QResizeEvent) -> None:
        # In a narrow table the name needs the space.
        for column, min_width in _MIN_WIDTHS.items():
            self.view.setColumnHidden(column, event.size().width() < min_width)
        super().resizeEvent(event)

    def set_busy(self, *, busy: bool) -> None:
        """Disable the actions that are not possible during a training."""
        self._busy = busy
        self._on_selection_changed()

    def _fill_menu(self) -> None:
        self._resume = self._menu.addAction(self.tr("Resume training"), self._on_resume)
        self._settings = self._menu.addAction(self.tr("Load settings into the form"), self._on_settings)
        self._rename = self._menu.addAction(self.tr("Rename"), self._on_rename)
        self._rename.setShortcut("F2")
        self._exports = self._menu.addMenu(self.tr("Export"))
        texts = {
            "csv": self.tr("Curves as CSV…"),
            "png": self.tr("Curves as PNG…"),
            "svg": self.tr("Curves as SVG…"),
            "safetensors": self.tr("Best weights as safetensors…"),
            "onnx": self.tr("Best weights as ONNX…"),
            "tensorboard": self.tr("Log for TensorBoard…"),
        }
        for kind, text in texts.items():
            self._exports.addAction(text).setData(kind)
        self._menu.addSeparator()
        self._delete = self._menu.addAction(self.tr("Delete"), self._on_delete)
        self._delete.setShortcut("Delete")
        self._exports.triggered.connect(self._on_export)

    def _set_up_labels(self) -> None:
        self._heading.setProperty("role", "title")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self.use.setToolTip(self.tr("Uses this run's best model on the Draw tab."))
        self.mistakes.setToolTip(self.tr("Shows the test images that this run's best model predicts wrongly."))
        self._more.setText("⋯")
        self._more.setToolTip(self.tr("More actions for the selected run"))
        self._more.setAccessibleName(self.tr("More"))
        self._more.setMenu(self._menu)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _set_up_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegateForColumn(NAME, RunNameDelegate(self.model, view))
        view.setAccessibleName(self.tr("Runs"))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(28)
        view.setWordWrap(False)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (ACCURACY, TIME, DATE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(RECIPE, _RECIPE_WIDTH)
        view.setMinimumHeight(_MIN_HEIGHT)
        for action in (self._rename, self._delete):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            view.addAction(action)

    def _row_to_select(self, old: list[Run], selected: set[Path]) -> int | None:
        """Return the row of what was selected, or of the run after it if it was deleted; at the start the newest."""
        folders = [run.folder for run in self.model.runs]
        if not selected or not folders:
            return 0 if folders and not self._was_filled else None
        first = next(row for row, run in enumerate(old) if run.folder in selected)
        known = set(folders)
        following = [run.folder for run in (*old[first:], *reversed(old[:first])) if run.folder in known]
        return folders.index(following[0]) if following else 0

    def _select_row(self, row: int) -> None:
        # Not by selectRow, which depends on the keys that are down: Ctrl of Ctrl+Z would add to the selection.
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.view.selectionModel().setCurrentIndex(self.model.index(row, NAME), flags)

    def _show_rows(self, *, has_focus: bool) -> None:
        """Show the rows, or why there are none; the focus stays in this part of the tab."""
        has_runs = bool(self.model.runs)
        if has_focus and not has_runs:
            self.setFocus()  # before the table is hidden
        self._empty.setVisible(not has_runs)
        self.view.setVisible(has_runs)
        if has_focus and has_runs:
            self.view.setFocus()
        self._on_selection_changed()

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._is_updating:
            return
        selected_runs = self.selected
        one = selected_runs[0] if len(selected_runs) == 1 else None
        self.use.setEnabled(one is not None and one.has_model and _predicts_digits(one))
        self.mistakes.setEnabled(self.use.isEnabled())
        self._more.setEnabled(bool(selected_runs))
        self._resume.setEnabled(one is not None and not self._busy and one.folder in self._resumable)
        for action in (self._settings, self._rename):
            action.setEnabled(one is not None)
        self._exports.setEnabled(one is not None and bool(one.rows))
        self._delete.setEnabled(bool(selected_runs))
        if [run.folder for run in selected_runs] != self._reported:
            self._reported = [run.folder for run in selected_runs]
            self.selection_changed.emit(selected_runs)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        run = index.data(RUN_ROLE)
        if run.has_model and _predicts_digits(run):
            self.use_requested.emit(run)

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        if self.selected:
            self._menu.popup(self.view.viewport().mapToGlobal(place))

    @Slot()
    def _on_use(self) -> None:
        self.use_requested.emit(self.selected[0])

    @Slot()
    def _on_mistakes(self) -> None:
        self.mistakes_requested.emit(self.selected[0])

    @Slot()
    def _on_resume(self) -> None:
        self.resume_requested.emit(self.selected[0])

    @Slot()
    def _on_settings(self) -> None:
        self.settings_requested.emit(self.selected[0])

    @Slot()
    def _on_rename(self) -> None:
        rows = self.view.selectionModel().selectedRows()
        if len(rows) == 1:
            self.view.edit(self.model.index(rows[0].row(), NAME))

    @Slot()
    def _on_delete(self) -> None:
        if self.selected:
            self.delete_requested.emit(self.selected)

    @Slot(QAction)
    def _on_export(self, action: QAction) -> None:
        self.export_requested.emit(self.selected[0], action.data())


def _predicts_digits(run: Run) -> bool:
    return getattr(run.recipe.model, "outputs", 10) == 10

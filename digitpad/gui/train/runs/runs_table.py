"""The table of runs in the Train tab, and the commands for the selected ones."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QPushButton, QStackedWidget, QTableView, QWidget

from digitpad.core.runs.differences import SettingChange
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import UnreadableRun
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.runs.run_menu import RunCommands, RunMenu, RunSelection, predicts_digits
from digitpad.gui.train.runs.runs_model import (
    ACCURACY,
    CHANGED,
    DATE,
    NAME,
    RECIPE,
    RUN_ROLE,
    TIME,
    Row,
    RunDelegate,
    RunsModel,
)
from digitpad.gui.widgets.boxes import vbox

_RECIPE_WIDTH = 132
_CELL_PADDING = 28  # px, of the style sheet and of Qt
# The widths of the table, px, at which columns are shown; in a narrower one the name needs the space.
_SHOWN_AT = {RECIPE: 780, DATE: 640, TIME: 520, CHANGED: 480}
_CHANGED_SHARE = 0.42  # of the width that the other columns leave
_MIN_HEIGHT = 96


class RunsTable(QWidget):
    """Shows runs, and reports which actions the user requests."""

    shown_changed = Signal()
    use_requested = Signal(object)
    mistakes_requested = Signal(object)
    longer_requested = Signal(object)
    resume_requested = Signal(object)
    differences_requested = Signal(list)  # two runs
    sweep_requested = Signal(object)  # a run of the sweep
    settings_requested = Signal(object)
    rename_requested = Signal(object, str)
    delete_requested = Signal(list)  # of Run and UnreadableRun
    export_requested = Signal(object, str)
    folder_requested = Signal(object)  # Path
    selection_changed = Signal(list)  # of Run

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsModel(self)
        self.menu = RunMenu(self)
        self.commands = RunCommands(self.tr("Runs"), self.menu)
        self._empty = QLabel(self.tr("No runs yet. Every training is listed here. Tick runs to compare their curves."))
        self.view, self._pages = QTableView(), QStackedWidget()
        self._busy = self._is_updating = self._was_filled = False
        self._live: Path | None = None  # the folder of the run in training
        self._resumable: Collection[Path] = ()
        self._reported: list[Path] = []  # the folders of the selection that was emitted last
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._set_up_view()

        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.view)
        vbox(self.commands, (self._pages, 1), parent=self, spacing=6)

        self._connect()
        self._show_rows(has_focus=False)

    @property
    def use(self) -> QPushButton:
        """The button that uses the selected run on the pad."""
        return self.commands.button_of(self.menu.use)

    @property
    def mistakes(self) -> QPushButton:
        """The button that shows the mistakes of the selected run."""
        return self.commands.button_of(self.menu.mistakes)

    @property
    def selected_rows(self) -> list[Row]:
        """The selected runs, from top to bottom; also those that cannot be read."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [self.model.rows[row] for row in rows]

    @property
    def selected(self) -> list[Run]:
        """The selected runs that can be read, from top to bottom."""
        return [run for run in self.selected_rows if isinstance(run, Run)]

    @property
    def pair(self) -> list[Run]:
        """The two runs to compare: the selected ones, or else the ticked ones; empty if there are not two."""
        found = (runs for runs in (self.selected, self.model.shown) if len(runs) == 2)
        return next(found, [])

    def show_runs(
        self, runs: list[Run], live: Run | None = None, *, resumable: Collection[Path] = (),
        unreadable: Sequence[UnreadableRun] = (), changes: Mapping[Path, Sequence[SettingChange]] | None = None,
    ) -> None:  # fmt: skip
        """Show runs and keep the selection. `resumable` holds the folders of runs that can be resumed.

        `unreadable` are shown with their problem; `changes` has what differs from its recipe, by a run's folder.
        """
        self._resumable = resumable
        had_focus = self.view.hasFocus() or self.hasFocus()
        former, self._live = self._live, live.folder if live else None
        old, before = self.model.rows, {run.folder for run in self.selected_rows}
        self._is_updating = True
        self.model.show_runs(runs, self._live, unreadable=unreadable, changes=changes)
        # In place of a training that ended without a run nothing is selected: what happened stays in view.
        was_live = former is not None and before == {former}
        if not self.selected_rows and not was_live and (row := self._row_to_select(old, before)) is not None:
            self._select_row(row)
        self._was_filled = self._was_filled or bool(runs)
        self._fit_columns(self.width())
        self._is_updating = False
        self._show_rows(has_focus=had_focus)

    def select(self, run: Row) -> None:
        """Select a run."""
        for row, known in enumerate(self.model.rows):
            if known.folder == run.folder:
                self._select_row(row)
                self.view.scrollTo(self.model.index(row, NAME))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_columns(event.size().width())
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_columns(self.width())
        super().changeEvent(event)

    def set_busy(self, *, busy: bool) -> None:
        """Disable the actions that are not possible during a training."""
        self._busy = busy
        self._on_selection_changed()

    def _set_up_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(RunDelegate(self.model, view))
        view.setAccessibleName(self.tr("Runs"))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(px(28))
        view.setWordWrap(False)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(RECIPE, px(_RECIPE_WIDTH))
        view.setMinimumHeight(px(_MIN_HEIGHT))
        for action in (self.menu.rename, self.menu.delete):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            view.addAction(action)

    def _connect(self) -> None:
        menu, view = self.menu, self.view
        self.model.shown_changed.connect(self.shown_changed)
        self.model.shown_changed.connect(self._on_selection_changed)
        self.model.rename_requested.connect(self.rename_requested)
        view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        view.doubleClicked.connect(self._on_double_clicked)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        menu.use_requested.connect(self._on_use)
        menu.mistakes_requested.connect(self._on_mistakes)
        menu.longer_requested.connect(self._on_longer)
        menu.resume_requested.connect(self._on_resume)
        menu.differences_requested.connect(self._on_differences)
        menu.sweep_requested.connect(self._on_sweep)
        menu.settings_requested.connect(self._on_settings)
        menu.rename_requested.connect(self._on_rename)
        menu.export_requested.connect(self._on_export)
        menu.folder_requested.connect(self._on_folder)
        menu.delete_requested.connect(self._on_delete)

    def _fit_columns(self, width: int) -> None:
        """Give short texts the width of the widest one, so that no column moves when one changes."""
        view, header = self.view, self.view.horizontalHeader()
        for column, min_width in _SHOWN_AT.items():
            view.setColumnHidden(column, width < px(min_width))
        metrics = view.fontMetrics()
        for column in (ACCURACY, TIME, DATE):
            texts = self.model.widest_texts(column)
            header.resizeSection(column, max(map(metrics.horizontalAdvance, texts)) + px(_CELL_PADDING))
        others = sum(header.sectionSize(column) for column in (RECIPE, ACCURACY, TIME, DATE))
        # Changes have their share at most, so that names of runs are whole where few settings were changed.
        needed = max(map(metrics.horizontalAdvance, self.model.texts(CHANGED))) + px(_CELL_PADDING)
        header.resizeSection(CHANGED, min(needed, max(px(80), round(_CHANGED_SHARE * (width - others)))))

    def _row_to_select(self, old: list[Row], selected: set[Path]) -> int | None:
        """Return the row of what was selected, or of the run after it if it was deleted; at the start the newest."""
        folders = [run.folder for run in self.model.rows]
        if not selected or not folders:
            runs = self.model.runs
            return folders.index(runs[0].folder) if runs and not self._was_filled else None
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
        has_rows = bool(self.model.rows)
        if has_focus and not has_rows:
            self.setFocus()  # before the table is hidden
        self._pages.setCurrentWidget(self.view if has_rows else self._empty)
        if has_focus and has_rows:
            self.view.setFocus()
        self._on_selection_changed()

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._is_updating:
            return
        rows, selected = self.selected_rows, self.selected
        self.commands.more.setEnabled(bool(rows or self.pair))
        self.menu.show_selection(RunSelection(rows, self.pair, self._resumable, self._busy))
        if [run.folder for run in selected] != self._reported:
            self._reported = [run.folder for run in selected]
            self.selection_changed.emit(selected)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        run = index.data(RUN_ROLE)
        if isinstance(run, Run) and run.has_model and predicts_digits(run):
            self.use_requested.emit(run)

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        if self.selected_rows:
            self.menu.popup(self.view.viewport().mapToGlobal(place))

    @Slot()
    def _on_use(self) -> None:
        self.use_requested.emit(self.selected[0])

    @Slot()
    def _on_mistakes(self) -> None:
        self.mistakes_requested.emit(self.selected[0])

    @Slot()
    def _on_longer(self) -> None:
        self.longer_requested.emit(self.selected[0])

    @Slot()
    def _on_resume(self) -> None:
        self.resume_requested.emit(self.selected[0])

    @Slot()
    def _on_differences(self) -> None:
        self.differences_requested.emit(self.pair)

    @Slot()
    def _on_sweep(self) -> None:
        self.sweep_requested.emit(self.selected[0])

    @Slot()
    def _on_settings(self) -> None:
        self.settings_requested.emit(self.selected[0])

    @Slot()
    def _on_rename(self) -> None:
        rows = self.view.selectionModel().selectedRows()
        if len(rows) == 1:
            self.view.edit(self.model.index(rows[0].row(), NAME))

    @Slot(str)
    def _on_export(self, kind: str) -> None:
        self.export_requested.emit(self.selected[0], kind)

    @Slot()
    def _on_folder(self) -> None:
        self.folder_requested.emit(self.selected_rows[0].folder)

    @Slot()
    def _on_delete(self) -> None:
        if rows := self.selected_rows:
            self.delete_requested.emit(rows)

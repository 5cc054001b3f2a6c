"""The runs as a table for Qt's views, with the colours of their curves."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from digitpad.core.runs.run_folder import Run
from digitpad.core.translation import tr
from digitpad.gui.widgets.durations import duration
from digitpad.gui.widgets.model_index import Index

NAME, RECIPE, ACCURACY, TIME, DATE = range(5)
RUN_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# One colour for each; more curves could not be distinguished.
MAX_SHOWN = 6
_SWATCH = QSize(18, 14)


class RunsModel(QAbstractTableModel):
    """Name (ticked if its curves are shown), recipe, best test accuracy, training time, date."""

    shown_changed = Signal()
    rename_requested = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[Run] = []
        self._shown: list[Path] = []
        self._colours: list[QColor] = []
        self._live: Path | None = None
        self._current: Path | None = None
        self._headings = (self.tr("Name"), self.tr("Recipe"), self.tr("Accuracy"), self.tr("Time"), self.tr("Date"))

    @property
    def runs(self) -> list[Run]:
        """The runs, in the order of the rows."""
        return list(self._runs)

    @property
    def shown(self) -> list[Run]:
        """The ticked runs, in the order in which they were ticked."""
        by_folder = {run.folder: run for run in self._runs}
        return [by_folder[folder] for folder in self._shown if folder in by_folder]

    def show_runs(self, runs: list[Run], live: Path | None = None) -> None:
        """Show these runs; ticks stay with their runs. `live` is the folder of the run in training."""
        before, self._live = self.shown, live
        known = {run.folder for run in runs}
        self._shown = [folder for folder in self._shown if folder in known and folder != live]
        self._change_rows(runs, known)
        self._repaint()
        if [run.folder for run in before] != self._shown:
            self.shown_changed.emit()

    def set_colours(self, colours: list[QColor]) -> None:
        """Set the colours of the ticked runs, in the order in which they were ticked."""
        self._colours = colours
        self._repaint()

    def colour_of(self, run: Run) -> QColor | None:
        """Return the colour of a run's curves; None if they are not shown."""
        shown = [folder for folder in self._shown if folder != self._current]
        if run.folder not in shown or not self._colours:
            return None
        return self._colours[shown.index(run.folder) % len(self._colours)]

    def set_current(self, folder: Path | None) -> None:
        """Set the folder of the run that is shown in front, in the colours of the live run."""
        self._current = folder
        self.set_colours(self._colours)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in (ACCURACY, TIME) else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and run.folder != self._live:
            return Qt.CheckState.Checked if run.folder in self._shown else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (ACCURACY, TIME):
            return _RIGHT
        values = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(run, column),
            Qt.ItemDataRole.EditRole: lambda: run.name,
            Qt.ItemDataRole.ToolTipRole: lambda: self._tooltip(run),
            RUN_ROLE: lambda: run,
        }
        return values[Qt.ItemDataRole(role)]() if role in values else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401 - Qt's variant
        run = self._runs[index.row()]
        if role == Qt.ItemDataRole.EditRole and str(value).strip() not in ("", run.name):
            self.rename_requested.emit(run, str(value))
            return True
        if role == Qt.ItemDataRole.CheckStateRole:
            self.set_shown(run, shown=Qt.CheckState(value) is Qt.CheckState.Checked)
            return True
        return False

    def set_shown(self, run: Run, *, shown: bool) -> None:
        """Show or hide a run's curves; if there are too many, the first one shown is hidden."""
        if shown == (run.folder in self._shown):
            return
        if shown:
            self._shown = [*self._shown, run.folder][-MAX_SHOWN:]
        else:
            self._shown.remove(run.folder)
        self._repaint()
        self.shown_changed.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
            if self._runs[index.row()].folder != self._live:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def _change_rows(self, runs: list[Run], known: set[Path]) -> None:
        """Remove and insert rows one by one: a reset would end the selection, and the editing of a name."""
        old = [run.folder for run in self._runs if run.folder in known]
        if not old or old != [run.folder for run in runs if run.folder in set(old)]:
            self.beginResetModel()  # all are new, or a clock was set back and the order has changed
            self._runs = list(runs)
            self.endResetModel()
            return
        for row in reversed(range(len(self._runs))):
            if self._runs[row].folder not in known:
                self.beginRemoveRows(_ROOT, row, row)
                del self._runs[row]
                self.endRemoveRows()
        for row, run in enumerate(runs):
            if run.folder in old:
                self._runs[row] = run
            else:
                self.beginInsertRows(_ROOT, row, row)
                self._runs.insert(row, run)
                self.endInsertRows()

    def _repaint(self) -> None:
        if self._runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._runs) - 1, len(self._headings) - 1))

    def _text(self, run: Run, column: int) -> str:
        match column:
            case 0:
                return self._name(run)
            case 1:
                return run.info.recipe_name
            case 2:
                return self._accuracy(run)
            case 3:
                return "" if run.folder == self._live else duration(run.seconds)
        created = run.info.created.astimezone()
        is_recent = datetime.now(created.tzinfo) - created < timedelta(days=180)
        return f"{created:%m-%d %H:%M}" if is_recent else f"{created:%Y-%m-%d}"

    def _name(self, run: Run) -> str:
        states = {"stopped": self.tr("stopped"), "failed": self.tr("failed"), "unfinished": self.tr("interrupted")}
        state = "" if run.folder == self._live else states.get(run.info.outcome, "")
        return f"{run.name} ({state})" if state else run.name

    def _accuracy(self, run: Run) -> str:
        if run.folder == self._live:
            return self.tr("training")
        return f"{run.best.test_accuracy:.2%}".replace("%", " %") if run.best else "–"

    def _tooltip(self, run: Run) -> str:
        states = {
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed: {}").format(run.info.problem),
            "unfinished": self.tr("interrupted; you can resume it"),
        }
        state = self.tr("training") if run.folder == self._live else states[run.info.outcome]
        best = self.tr(", best {:.2%} at epoch {}").format(run.best.test_accuracy, run.best.epoch) if run.best else ""
        created = f"{run.info.created.astimezone():%Y-%m-%d %H:%M}"
        done = run.rows[-1].epoch if run.rows else 0
        text = self.tr("{}, {}\n{}: {}\nepoch {} of {}{}")
        return text.format(run.name, created, tr(run.recipe.title), state, done, run.recipe.training.epochs, best)


class RunNameDelegate(QStyledItemDelegate):
    """Paints the colour of a run's curves beside its name."""

    def __init__(self, model: RunsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # The list may be read again while the user types.
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = self._model.colour_of(index.data(RUN_ROLE))
        if colour is None:
            return
        ratio = option.widget.devicePixelRatioF() if option.widget else 1.0
        pixmap = QPixmap(_SWATCH * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.fillRect(0, _SWATCH.height() // 2 - 2, _SWATCH.width() - 2, 4, colour)
        painter.end()
        option.icon = QIcon(pixmap)
        option.decorationSize = _SWATCH
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration

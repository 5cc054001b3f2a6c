"""The runs as a table for Qt's views, with the colours of their curves."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from digitpad.core.runs.differences import NO_RECIPE, SettingChange, changes_text
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import UnreadableRun
from digitpad.core.translation import Percent, percent, tr
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.colour_scale import scale_colour
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.sentences import capitalised, duration

NAME, RECIPE, CHANGED, ACCURACY, TIME, DATE = range(6)
Row = Run | UnreadableRun
RUN_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# One colour for each; more curves could not be distinguished.
MAX_SHOWN = 6
MAX_IN_SCALE = 40  # runs of a sweep; each redraw of the curves costs time
_SWATCH = QSize(18, 14)


class RunsModel(QAbstractTableModel):
    """Name (ticked if its curves are shown), recipe, what differs from it, test accuracy, training time, date.

    A run that cannot be read has a row too, which says why; it can be selected, but not ticked or renamed.
    """

    shown_changed = Signal()
    rename_requested = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._changes: Mapping[Path, Sequence[SettingChange]] = {}
        self._shown: list[Path] = []
        self._scale: dict[Path, float] = {}  # the places in one colour scale of the runs that are shown together
        self._theme: Mapping[str, QColor] = {}
        self._colours: list[QColor] = []
        self._live: Path | None = None
        self._current: Path | None = None
        self._headings = (
            self.tr("Name"), self.tr("Recipe"), self.tr("Changed"), self.tr("Accuracy"), self.tr("Time"),
            self.tr("Date"),
        )  # fmt: skip

    @property
    def rows(self) -> list[Row]:
        """The runs of all rows, in order."""
        return list(self._rows)

    @property
    def runs(self) -> list[Run]:
        """The runs that can be read, in the order of their rows."""
        return [run for run in self._rows if isinstance(run, Run)]

    @property
    def shown(self) -> list[Run]:
        """The ticked runs, in the order in which they were ticked."""
        by_folder = {run.folder: run for run in self.runs}
        return [by_folder[folder] for folder in self._shown if folder in by_folder]

    def show_runs(
        self, runs: Sequence[Run], live: Path | None = None, *, unreadable: Sequence[UnreadableRun] = (),
        changes: Mapping[Path, Sequence[SettingChange]] | None = None,
    ) -> None:  # fmt: skip
        """Show runs, the newest first; ticks stay with their runs.

        `live` is the folder of the run in training; `changes` has what differs from its recipe, by a run's folder.
        """
        before, self._live, self._changes = self.shown, live, changes or {}
        known = {run.folder for run in runs}
        self._shown = [folder for folder in self._shown if folder in known and folder != live]
        self._change_rows(sorted([*runs, *unreadable], key=_time, reverse=True))
        self._repaint()
        if [run.folder for run in before] != self._shown:
            self.shown_changed.emit()

    def set_colours(self, colours: Mapping[str, QColor]) -> None:
        """Set the colours of the theme, with those of the ticked runs in the order in which they were ticked."""
        self._theme, self._colours = colours, [colours[f"run_{number + 1}"] for number in range(MAX_SHOWN)]
        self._repaint()

    def colour_of(self, run: Run) -> QColor | None:
        """Return the colour of a run's curves; None if they are not shown."""
        shown = [folder for folder in self._shown if folder != self._current]
        if run.folder not in shown or not self._colours:
            return None
        if run.folder in self._scale:
            return scale_colour(self._theme, self._scale[run.folder])
        return self._colours[shown.index(run.folder) % len(self._colours)]

    def set_current(self, folder: Path | None) -> None:
        """Set the folder of the run that is shown in front, in the colours of the live run."""
        self._current = folder
        self._repaint()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in (ACCURACY, TIME) else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and section == TIME:
            return self.tr("The time that the training took; tests are not counted.")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        run, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and self._can_be_shown(run):
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
        run = self._rows[index.row()]
        if isinstance(run, UnreadableRun):
            return False
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
            self._scale = {}
            self._shown = [*self._shown, run.folder][-MAX_SHOWN:]
        else:
            self._shown.remove(run.folder)
        self._repaint()
        self.shown_changed.emit()

    def show_in_scale(self, shares: Mapping[Path, float]) -> None:
        """Tick these runs alone, in one colour scale: for each folder a place from 0 to 1; at most `MAX_IN_SCALE`."""
        self._scale = dict(list(shares.items())[:MAX_IN_SCALE])
        self._shown = list(self._scale)
        self._repaint()
        self.shown_changed.emit()

    def share_of(self, run: Run) -> float | None:
        """Return the place of a ticked run in the colour scale; None if each has a colour of its own."""
        return self._scale.get(run.folder)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == NAME:
            run = self._rows[index.row()]
            if isinstance(run, Run):
                flags |= Qt.ItemFlag.ItemIsEditable
            if self._can_be_shown(run):
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def widest_texts(self, column: int) -> list[str]:
        """Return the widest texts that a column of short texts can show; a digit stands for any digit."""
        texts = {
            ACCURACY: ["100.00 %", self.tr("training now"), self.tr("error")],
            TIME: ["88:88:88", "888:88"],
            DATE: ["88-88 88:88", "8888-88-88"],
        }
        return [self._headings[column], *texts[column]]

    def texts(self, column: int) -> list[str]:
        """Return the heading of a column and the texts of its rows."""
        return [self._headings[column], *(self._text(run, column) for run in self._rows)]

    def _can_be_shown(self, run: Row) -> bool:
        return isinstance(run, Run) and run.folder != self._live

    def _change_rows(self, rows: list[Row]) -> None:
        """Remove and insert rows one by one: a reset would end the selection, and the editing of a name."""
        known = {run.folder for run in rows}
        old = [run.folder for run in self._rows if run.folder in known]
        kept = set(old)
        if not old or old != [run.folder for run in rows if run.folder in kept]:
            self.beginResetModel()  # all are new, or a clock was set back and the order has changed
            self._rows = rows
            self.endResetModel()
            return
        for row in reversed(range(len(self._rows))):
            if self._rows[row].folder not in known:
                self.beginRemoveRows(_ROOT, row, row)
                del self._rows[row]
                self.endRemoveRows()
        for row, run in enumerate(rows):
            if run.folder in kept:
                self._rows[row] = run
            else:
                self.beginInsertRows(_ROOT, row, row)
                self._rows.insert(row, run)
                self.endInsertRows()

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._headings) - 1))

    def _text(self, run: Row, column: int) -> str:
        if isinstance(run, UnreadableRun):
            texts = {NAME: run.name, CHANGED: _brief(run), ACCURACY: self.tr("error"), DATE: _date(run.changed)}
            return texts.get(column, "")
        texts = {
            NAME: self._name,
            RECIPE: _recipe_name,
            CHANGED: lambda run: changes_text(self._changes.get(run.folder, ())),
            ACCURACY: self._accuracy,
            TIME: lambda run: "" if run.folder == self._live else duration(run.seconds),
            DATE: lambda run: _date(run.info.created),
        }
        return texts[column](run)

    def _name(self, run: Run) -> str:
        states = {"stopped": self.tr("stopped"), "failed": self.tr("failed"), "unfinished": self.tr("interrupted")}
        state = "" if run.folder == self._live else states.get(run.info.outcome, "")
        return f"{run.name} ({state})" if state else run.name

    def _accuracy(self, run: Run) -> str:
        if run.folder == self._live:
            return self.tr("training now")
        return percent(run.used.test_accuracy, 2) if run.used else "–"

    def _tooltip(self, run: Row) -> str:
        if isinstance(run, UnreadableRun):
            return "\n".join((run.name, capitalised(run.problem)))
        states = {
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed: {}").format(run.info.problem),
            "unfinished": self.tr("interrupted; you can resume it"),
        }
        state = self.tr("training now") if run.folder == self._live else states[run.info.outcome]
        best = (
            self.tr(", best {:.2%} at epoch {}").format(Percent(run.best.test_accuracy), run.best.epoch)
            if run.best
            else ""
        )
        created = f"{run.info.created.astimezone():%Y-%m-%d %H:%M}"
        done = run.rows[-1].epoch if run.rows else 0
        text = self.tr("{}, {}\n{}: {}\nepoch {} of {}{}")
        text = text.format(run.name, created, tr(run.recipe.title), state, done, run.recipe.training.epochs, best)
        return "\n".join(filter(None, (text, self._parent_text(run), *self._change_texts(run))))

    def _parent_text(self, run: Run) -> str:
        if not run.info.parent:
            return ""
        names = {known.id: known.name for known in self.runs}
        return self.tr("continues {}").format(names.get(run.info.parent, run.info.parent))

    def _change_texts(self, run: Run) -> list[str]:
        text = self.tr("{}: {} instead of {}")
        return [text.format(change.name, change.after, change.before) for change in self._changes.get(run.folder, ())]


def _time(run: Row) -> tuple[float, str]:
    created = run.info.created if isinstance(run, Run) else run.changed
    return created.timestamp(), run.id


def _date(time: datetime) -> str:
    local = time.astimezone()
    is_recent = datetime.now(local.tzinfo) - local < timedelta(days=180)
    return f"{local:%m-%d %H:%M}" if is_recent else f"{local:%Y-%m-%d}"


def _recipe_name(run: Run) -> str:
    name = run.info.recipe_name
    return tr(run.recipe.title) if name == NO_RECIPE else name


def _brief(run: UnreadableRun) -> str:
    """Return the problem without the folder, which is the run's name."""
    return run.problem.replace(f"{run.folder}{os.sep}", "").replace(str(run.folder), run.name)


class RunDelegate(QStyledItemDelegate):
    """Paints the colour of a run's curves beside its name, and a run that cannot be read as disabled."""

    def __init__(self, model: RunsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # The list may be read again while the user types.
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        run = index.data(RUN_ROLE)
        if index.column() == NAME:  # names that begin alike differ at the end
            option.textElideMode = Qt.TextElideMode.ElideMiddle
        if isinstance(run, UnreadableRun):
            option.state &= ~QStyle.StateFlag.State_Enabled
            if index.column() == NAME:
                option.icon = line_icon("warning")
                option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            return
        colour = self._model.colour_of(run) if index.column() == NAME else None
        if colour is None:
            return
        ratio = option.widget.devicePixelRatioF() if option.widget else 1.0
        pixmap = QPixmap(px(_SWATCH) * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        size = px(_SWATCH)
        painter.fillRect(0, (size.height() - px(4)) // 2, size.width() - 2, px(4), colour)
        painter.end()
        option.icon = QIcon(pixmap)
        option.decorationSize = px(_SWATCH)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration

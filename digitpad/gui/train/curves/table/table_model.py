"""The figures by epoch, for Qt's views."""

from collections.abc import Collection
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from digitpad.gui.train.curves.series import LIVE, PUBLISHED, Metric
from digitpad.gui.train.curves.table.epoch_table import Column, EpochTable
from digitpad.gui.widgets.model_index import Index

_LONGEST_NAME = 16  # letters in a heading
_NO_TABLE = EpochTable(np.empty(0), 1, (), ())


class EpochTableModel(QAbstractTableModel):
    """The epoch, then the figures of the run in front and of other runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = _NO_TABLE

    @property
    def last_trained(self) -> int:
        """The last row that the run in front has reached, -1 if there is none."""
        roles = [column.role for column in self._table.columns]
        if LIVE not in roles:
            return -1
        reached = self._table.curves[roles.index(LIVE)].epochs[-1:]
        return int(np.searchsorted(self._table.epochs, reached, "right").sum()) - 1

    def show_table(self, table: EpochTable) -> bool:
        """Show another table; return whether it continues the one before, whose selection stays."""
        old, count = self._table, len(self._table.epochs)
        is_longer = table.columns == old.columns and table.first_epoch == old.first_epoch
        if not is_longer or not np.array_equal(table.epochs[:count], old.epochs):
            self.beginResetModel()
            self._table = table
            self.endResetModel()
            return False
        if added := len(table.epochs) - count:
            self.beginInsertRows(QModelIndex(), count, count + added - 1)
            self._table = table
            self.endInsertRows()
        self._table = table
        if count:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(table.columns)))
        return True

    def heading(self, column: int, separator: str) -> str:
        """Return the heading of a column: the metric, and whose it is where there are several."""
        if not column:
            return self.tr("Epoch") if self._table.first_epoch else f"{self.tr('Epoch')}{separator}{self.tr('from 0')}"
        shown = self._table.columns[column - 1]
        owner = self._owner(shown)
        return f"{self._metric(shown.metric)}{separator}{owner}" if owner else self._metric(shown.metric)

    def short_heading(self, column: int) -> str:
        """Return a heading in narrow lines."""
        metric, _, owner = self.heading(column, "\n").partition("\n")
        is_long = len(owner) > _LONGEST_NAME
        lines = [*metric.split(" ", 1), f"{owner[: _LONGEST_NAME - 1]}…" if is_long else owner]
        return "\n".join(filter(None, lines))

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        return self._table.text(row, column - 1) if column else str(self._table.number(row))

    def as_text(self, rows: Collection[int], columns: Collection[int], *, with_headings: bool) -> str:
        """Return cells as text for a spreadsheet, with a tab between the columns."""
        lines = [[self.heading(column, ", ") for column in columns]] if with_headings else []
        lines += [[self.text(row, column) for column in columns] for row in rows]
        return "".join("\t".join(line) + "\n" for line in lines)

    def widest_text(self, column: int) -> str:
        """Return a text as wide as those of a column become."""
        if not column:
            return "8" * 5
        is_loss = self._table.columns[column - 1].metric.endswith("loss")
        return "8" * (self._table.curves[column - 1].figures.decimals + 2 if is_loss else 6)

    def is_published(self, column: int) -> bool:
        """Return whether a column has published figures."""
        return column > 0 and self._table.columns[column - 1].role == PUBLISHED

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.epochs)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.columns) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if orientation is Qt.Orientation.Vertical:
            return self._row_heading(section, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.short_heading(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(section)
        return _BOTTOM_RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _row_heading(self, row: int, role: int) -> str | Qt.AlignmentFlag | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, 0)
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._full_value(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.heading(column, ', ')} {self.text(row, column)}"
        return None

    def _metric(self, metric: Metric) -> str:
        names: dict[Metric, str] = {
            "train_loss": self.tr("Training loss"),
            "train_accuracy": self.tr("Training accuracy, %"),
            "test_loss": self.tr("Test loss"),
            "test_accuracy": self.tr("Test accuracy, %"),
        }
        return names[metric]

    def _owner(self, column: Column) -> str:
        if column.role == PUBLISHED:
            return self.tr("published")
        if column.role == LIVE:
            is_alone = all(other.role == LIVE for other in self._table.columns)
            return "" if is_alone else self.tr("this run")
        return column.name

    def _explanation(self, column: int) -> str:
        """Return the tooltip of a heading."""
        if not column:
            return self.tr("The number of the epoch, as the source of the recipe counts it, or from 1")
        if self.is_published(column):
            return self.tr("As the source of the recipe prints it")
        curve, shown = self._table.curves[column - 1], self._table.columns[column - 1]
        if not shown.metric.startswith("train"):
            return self.tr("{}: on the test images, after the epoch").format(shown.name)
        if curve.is_after:
            return self.tr("{}: on all training images, after the epoch").format(shown.name)
        return self.tr("{}: mean over the batches of the epoch").format(shown.name)

    def _full_value(self, row: int, column: int) -> str:
        """Return the tooltip of a cell: the figure with all its digits, an accuracy as a fraction."""
        if not column or not self.text(row, column):
            return ""
        return f"{self.heading(column, ', ').replace(', %', '')}: {self._table.value(row, column - 1)!r}"


_BOTTOM_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

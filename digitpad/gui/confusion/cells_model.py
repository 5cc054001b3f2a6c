"""The base of tables whose entries represent cells of the confusion matrix."""

from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel

from digitpad.core.evaluation.sample_filter import Cell

# Row and column in the table.
Place = tuple[int, int]


class CellsModel(QAbstractTableModel):
    """Maps each entry to its cells."""

    def cells_at(self, place: Place) -> frozenset[Cell]:
        """Return the cells of an entry."""
        raise NotImplementedError

    def places(self) -> frozenset[Place]:
        """Return all entries."""
        return frozenset((row, column) for row in range(self.rowCount()) for column in range(self.columnCount()))

    def cells_of(self, places: Iterable[Place]) -> frozenset[Cell]:
        """Return the cells of several entries."""
        return frozenset().union(*(self.cells_at(place) for place in places))

    def text_of(self, places: Iterable[Place]) -> str:
        """Describe the samples of several entries in a sentence."""
        raise NotImplementedError

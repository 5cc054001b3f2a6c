"""Where the cells of a grid are: plain arithmetic, whose cost does not depend on the number of cells."""

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRect, QSize


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Cells of one size in reading order, spread over the width; positions in px from the top left.

    Attributes
    ----------
    count
        The number of cells.
    cell
        The minimum size of a cell; a single column may be narrower.
    width
        The width of the grid.
    left, top
        Where the grid begins.

    """

    count: int
    cell: QSize
    width: int
    left: int = 0
    top: int = 0

    @property
    def columns(self) -> int:
        """Number of cells in a line."""
        return max(1, self.width // self.cell.width())

    @property
    def lines(self) -> int:
        """Number of lines; the last may be shorter."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Height of all lines, and of what is above them."""
        return self.top + self.lines * self.cell.height()

    def rect_of(self, row: int) -> QRect:
        """Return the place of a cell."""
        line, column = divmod(row, self.columns)
        left, right = (at * self.width // self.columns for at in (column, column + 1))
        return QRect(self.left + left, self.top + line * self.cell.height(), right - left, self.cell.height())

    def places_of(self, lines: range) -> tuple[list[int], list[int], list[int]]:
        """Return the left and top edges and the widths of all cells of some lines; faster than one by one."""
        edges = [self.left + column * self.width // self.columns for column in range(self.columns + 1)]
        lefts, widths = edges[:-1] * len(lines), [right - left for left, right in pairwise(edges)] * len(lines)
        tops = [self.top + line * self.cell.height() for line in lines for _ in range(self.columns)]
        count = len(self.rows_of(lines))
        return lefts[:count], tops[:count], widths[:count]

    def row_at(self, x: int, y: int) -> int | None:
        """Return the cell under a point; None outside all cells."""
        x, y = x - self.left, y - self.top
        if not (0 <= x < self.width and 0 <= y < self.height - self.top):
            return None
        row = y // self.cell.height() * self.columns + self._column_at(x)
        return row if row < self.count else None

    def nearest(self, x: int, y: int) -> int:
        """Return the cell under a point, or the nearest one in its line; 0 if there are no cells."""
        x, y = x - self.left, y - self.top
        line = min(max(y // self.cell.height(), 0), max(self.lines - 1, 0))
        column = self._column_at(min(max(x, 0), self.width - 1))
        return max(0, min(line * self.columns + column, self.count - 1))

    def lines_between(self, top: int, bottom: int) -> range:
        """Return the lines between two heights; `bottom` is exclusive."""
        top, bottom = top - self.top, bottom - self.top
        first, last = max(0, top // self.cell.height()), max(0, -(-bottom // self.cell.height()))
        return range(min(first, self.lines), min(last, self.lines))

    def rows_of(self, lines: range) -> range:
        """Return the cells of some lines."""
        return range(min(lines.start * self.columns, self.count), min(lines.stop * self.columns, self.count))

    def moved(self, row: int, lines: int) -> int:
        """Return the cell this many lines below, or above if negative, within the grid.

        In a last line that is too short, it is the last cell.
        """
        line, column = divmod(row, self.columns)
        line = min(max(line + lines, 0), self.lines - 1)
        return max(0, min(line * self.columns + column, self.count - 1))

    def _column_at(self, x: int) -> int:
        # The inverse of column * width // columns, exact where columns differ by a px.
        return min(((x + 1) * self.columns - 1) // self.width, self.columns - 1)

"""A row of widgets that becomes a column where it has no room for their texts."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayoutItem, QWidget

from digitpad.gui.widgets.boxes import STYLE_SPACING, Part, hbox


class AdaptiveRow(QWidget):
    """Takes the parts of `hbox`. No language is too long for it: it is never wider than its widest part must be."""

    def __init__(self, *parts: Part, spacing: int = STYLE_SPACING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = hbox(*parts, parent=self, spacing=spacing)

    @property
    def is_stacked(self) -> bool:
        """Whether the parts are below each other."""
        return self._row.direction() == QBoxLayout.Direction.TopToBottom

    def sizeHint(self) -> QSize:
        """Return the size of a row, also while it is a column: it becomes a row again when there is room."""
        items = self._items()
        width = sum(item.sizeHint().width() for item in items) + self._row.spacing() * (len(items) - 1)
        return QSize(width, self._row.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._widths(), default=0), self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a part has another text, or is shown or hidden
            self._arrange()
        return done

    def _arrange(self) -> None:
        widths = self._widths()
        fits = sum(widths) + self._row.spacing() * (len(widths) - 1) <= self.width()
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if direction != self._row.direction():
            self._row.setDirection(direction)
            self._row.activate()  # not one event later, which would be seen
            self.updateGeometry()

    def _widths(self) -> list[int]:
        """Return the least width of each part that is shown."""
        return [item.minimumSize().width() for item in self._items()]

    def _items(self) -> list[QLayoutItem]:
        items = (self._row.itemAt(number) for number in range(self._row.count()))
        return [item for item in items if item is not None and not item.isEmpty()]

"""A label whose text may be longer than its place, such as one with the name of a run."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolTip, QWidget


class ElidedLabel(QLabel):
    """One line of plain text. If it is too long, "…" stands for its middle, and a tooltip has all of it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def shown_text(self) -> str:
        """The text as it is shown."""
        width = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, width)

    def minimumSizeHint(self) -> QSize:
        few = self.fontMetrics().horizontalAdvance("…") + self.width() - self.contentsRect().width()
        return QSize(few, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.toolTip():
            QToolTip.showText(event.globalPos(), self.text() if self.shown_text != self.text() else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        place, alignment, role = self.contentsRect(), int(self.alignment()), self.foregroundRole()
        is_enabled, text = self.isEnabled(), self.shown_text
        self.style().drawItemText(QPainter(self), place, alignment, self.palette(), is_enabled, text, role)

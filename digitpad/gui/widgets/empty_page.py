"""A page for an empty state: why there is nothing to show, and what to do next."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from digitpad.gui.theme.fonts import use_tabular_font
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import add_space

_WIDTH = 400
_ICON = 48
_SPACING = 8


class EmptyPage(QWidget):
    """An icon, a title, a sentence, a progress bar, and a button."""

    action_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = "mistakes"
        self._icon, self._title, self._body = QLabel(), QLabel(), QLabel()
        self._progress, self._progress_label = QProgressBar(), QLabel()
        self.action = QPushButton()
        self._title.setProperty("role", "title")
        for label in (self._body, self._progress_label):
            label.setProperty("role", "muted")
        use_tabular_font(self._progress_label)
        for label in (self._title, self._body):
            label.setWordWrap(True)
        self._progress.setTextVisible(False)

        column = QWidget()
        column.setMaximumWidth(px(_WIDTH))
        self._column = page = QVBoxLayout(column)
        page.setSpacing(px(_SPACING))
        page.addStretch(2)
        for label in (self._icon, self._title, self._body):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            page.addWidget(label)
        self._progress_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        page.addWidget(self._progress)
        page.addWidget(self._progress_label)
        add_space(page, 8)
        page.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        page.addStretch(3)
        self._row = layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(column, 1000)
        layout.addStretch(1)
        self._tint()

        self.action.clicked.connect(self.action_requested)

    @property
    def title(self) -> str:
        """The title."""
        return self._title.text()

    @property
    def sentence(self) -> str:
        """The sentence below the title."""
        return self._body.text()

    @property
    def progress_text(self) -> str:
        """The progress, such as "12,000 of 60,000"; empty if it is unknown or hidden."""
        return "" if self._progress_label.isHidden() else self._progress_label.text().strip()

    def set_content(self, title: str, sentence: str, action: str = "", *, icon: str = "mistakes") -> None:
        """Show a title, a sentence and, if `action` has a text, a button; hide the progress."""
        self._icon_name = icon
        self._title.setText(title)
        self._body.setText(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._progress.hide()
        self._progress_label.hide()
        self._tint()
        self._fit_icon()

    def show_progress(self, done: int, total: int) -> None:
        """Show the progress; a total of 0 means that it is unknown."""
        # A space keeps the line's height, so nothing moves when the count appears.
        self._progress_label.setText(self.tr("{:,} of {:,}").format(done, total) if total else " ")
        self._progress_label.show()
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress.show()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_icon()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # texts wrap in other places

    def minimumSizeHint(self) -> QSize:
        """Return a height at which no text is cut off; the icon needs no room."""
        margins = self._row.contentsMargins()
        needed = self._column.totalHeightForWidth(min(px(_WIDTH), self._row.contentsRect().width() or px(_WIDTH)))
        if not self._icon.isHidden():
            needed -= self._icon.sizeHint().height() + self._column.spacing()
        return QSize(super().minimumSizeHint().width(), needed + margins.top() + margins.bottom())

    def _fit_icon(self) -> None:
        """Hide the icon where the page is too low for it: the texts would be cut off."""
        room = self._row.contentsRect()
        needed = self._column.totalHeightForWidth(min(px(_WIDTH), room.width()))
        if self._icon.isHidden():
            needed += px(_ICON + _SPACING)
        self._icon.setVisible(needed <= room.height())

    def _tint(self) -> None:
        self._icon.setPixmap(line_icon(self._icon_name).pixmap(px(_ICON), px(_ICON)))

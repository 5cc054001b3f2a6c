"""The lowest line of the window: the status bar or, on stage, the keys; messages take its place."""

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.message_bar import MessageBar

_EVERY_PAGE = -1
_CHANGES = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
_RESTYLING = (QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.Resize)


class Footer(QWidget):
    """Shows messages in the place of `usual`, so they cover nothing of a page; `beside` stays.

    The line is as high as a message of one line. A longer one makes the page above it lower.
    """

    def __init__(self, usual: QWidget, beside: QWidget) -> None:
        super().__init__()
        self._usual = usual
        self._page = 0
        self._bars: dict[int, tuple[MessageBar, QWidget]] = {}  # and their holders, by page
        self._messages = QVBoxLayout()
        self._messages.setSpacing(0)
        policy = usual.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        usual.setSizePolicy(policy)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.addWidget(usual, 0, 0)
        self._grid.addLayout(self._messages, 0, 0)
        self._grid.addWidget(beside, 0, 1)
        self._grid.setColumnStretch(0, 1)

    def add(self, bar: MessageBar, page: int | None = None) -> None:
        """Add the messages of a page, or those of the window, which come first on all pages."""
        was_shown, holder = not bar.isHidden(), QWidget()
        vbox(bar, parent=holder)
        self._messages.addWidget(holder)
        self._bars[_EVERY_PAGE if page is None else page] = bar, holder
        bar.setVisible(was_shown)
        bar.installEventFilter(self)
        self._choose_content()

    @Slot(int)
    def show_page(self, number: int) -> None:
        """Show the messages of a page."""
        self._page = number
        self._choose_content()

    def event(self, event: QEvent) -> bool:
        if event.type() in _RESTYLING:
            least = max((bar.line_height for bar, _ in self._bars.values()), default=0)
            self._grid.setRowMinimumHeight(0, least)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            self._choose_content()
        return super().eventFilter(watched, event)

    def _choose_content(self) -> None:
        pages = (_EVERY_PAGE, self._page)
        shown = next((page for page in pages if page in self._bars and not self._bars[page][0].isHidden()), None)
        for page, (_, holder) in self._bars.items():
            holder.setVisible(page == shown)
        self._usual.setHidden(shown is not None)

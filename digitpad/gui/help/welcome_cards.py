"""The cards of the first start: three things to try."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from digitpad.gui.help.term_label import explain
from digitpad.gui.session.settings import WELCOME_CLOSED, Settings
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox

_ICON, _LARGE_ICON = 28, 56  # px
_SIDE_BY_SIDE = 900  # px of width at which the cards are beside each other, large, with the icon above the title


class WelcomeCards(QFrame):
    """A button for each thing, with a tick if it was done in any way. When all are done, or closed, they are gone."""

    requested = Signal(str)  # "draw", "learn" or "mistakes"
    guide_requested = Signal(str)
    closed = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        explain(self, "first-minutes")
        self.cards = {
            "draw": _Card("draw", self.tr("Draw a digit"), self.tr("On the pad. The answer follows every move.")),
            "learn": _Card(
                "train",
                self.tr("Watch it learn"),
                self.tr("A new model knows nothing. Press Start, and see it learn in seconds."),
            ),
            "mistakes": _Card(
                "mistakes",
                self.tr("See its mistakes"),
                self.tr("Which digits does a model confuse? Click one to see why."),
            ),
        }
        title, self.guide, self.close_button = QLabel(self.tr("Three things to try")), QPushButton(), QToolButton()
        title.setProperty("role", "title")
        self.guide.setText(self.tr("Guide: the first ten minutes"))
        self.guide.setProperty("role", "link")
        self.close_button.setAccessibleName(self.tr("Close the welcome cards"))
        self.close_button.setToolTip(self.tr("Close for good. Help > Welcome cards shows them again."))

        top = hbox((title, 1), self.close_button, spacing=8)
        self._row = vbox(*self.cards.values(), spacing=12)
        vbox(top, self._row, hbox(self.guide, None), None, parent=self, spacing=12, margins=(0, 0, 0, 12))

        for name, card in self.cards.items():
            card.setObjectName(name)
            card.clicked.connect(self._on_card_clicked)
        self.guide.clicked.connect(self._on_guide_clicked)
        self.close_button.clicked.connect(self._on_close_clicked)
        self.refresh()
        self._tint()

    def mark_done(self, name: str) -> None:
        """Tick a card; when all are ticked, they do not come back."""
        if name in self._done or self._settings.welcome_done == WELCOME_CLOSED:
            return
        done = self._done | {name}
        self._settings.welcome_done = ",".join(sorted(done))
        self.refresh()
        if done >= self.cards.keys():
            self._on_close_clicked()

    def refresh(self) -> None:
        """Show what was done."""
        for name, card in self.cards.items():
            card.show_done(is_done=name in self._done)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_wide = event.size().width() >= px(_SIDE_BY_SIDE)
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
        for card in self.cards.values():
            card.set_large(on=is_wide)
        super().resizeEvent(event)

    @property
    def _done(self) -> set[str]:
        return set(self._settings.welcome_done.split(",")) & self.cards.keys()

    def _tint(self) -> None:
        self.close_button.setIcon(line_icon("close"))

    @Slot()
    def _on_card_clicked(self) -> None:
        self.requested.emit(self.sender().objectName())

    @Slot()
    def _on_guide_clicked(self) -> None:
        self.guide_requested.emit("first-minutes")

    @Slot()
    def _on_close_clicked(self) -> None:
        self._settings.welcome_done = WELCOME_CLOSED
        self.closed.emit()


class _Card(QPushButton):
    """A button with an icon, a title and a sentence that wraps."""

    def __init__(self, icon: str, title: str, sentence: str) -> None:
        super().__init__()
        self._icon_name, self._plain_title, self._is_large = icon, title, False
        self._icon, self._title, sentence_label = QLabel(), QLabel(title), QLabel(sentence)
        self.setProperty("role", "welcome")
        self._title.setProperty("role", "card-title")
        sentence_label.setProperty("role", "muted")
        sentence_label.setWordWrap(True)
        self.setAccessibleDescription(sentence)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._row = hbox(
            self._icon,
            (vbox(self._title, sentence_label, spacing=2), 1),
            parent=self,
            spacing=16,
            margins=(16, 14, 16, 14),
        )
        for label in (self._icon, self._title, sentence_label):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tint()

    def show_done(self, *, is_done: bool) -> None:
        """Show or hide the tick."""
        text = self.tr("✓ {}").format(self._plain_title) if is_done else self._plain_title
        self._title.setText(text)
        self.setAccessibleName(text)

    def set_large(self, *, on: bool) -> None:
        """Have a large icon above a large title, or both small and side by side."""
        if on == self._is_large:
            return
        self._is_large = on
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if on else directions.LeftToRight)
        self._row.setStretch(1, int(not on))
        self._title.setProperty("role", "title" if on else "card-title")
        self._title.style().polish(self._title)
        self._tint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._row.totalHeightForWidth(width)

    def sizeHint(self) -> QSize:
        size = self._row.totalSizeHint()
        return QSize(size.width(), self._row.totalHeightForWidth(self.width())) if self._is_large else size

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._row.totalMinimumSize().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        side = px(_LARGE_ICON if self._is_large else _ICON)
        self._icon.setPixmap(line_icon(self._icon_name).pixmap(side, side))

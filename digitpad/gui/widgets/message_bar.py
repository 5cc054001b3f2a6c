"""A bar for messages, used instead of dialogs."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from digitpad.core.translation import tr_noop
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.sentences import capitalised, sentence
from digitpad.gui.widgets.shortcut_override import HandledKeys

_PADDING = 6  # px, above and below the text together, as in the style sheet
_LEAST_TEXT = 240  # px; where a text would have to break in a narrower column, the button is under it
# A notice without a button stays this long, ms: to notice it, and to read each character.
_NOTICED_MS, _READ_MS = 4000, 60
_ARRANGING = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)  # another room, text or size of type


@dataclass(frozen=True, slots=True)
class _Offer:
    sentence: str
    button_text: str
    action: Callable[[], object]


class MessageBar(QFrame):
    """Shows one message; in the window its place is the lowest line, see Footer.

    A notice that needs no action goes after the time to read it; a warning stays until it is closed or until the next
    success; a message with a button stays until it is closed. A lasting offer comes back when a later message is
    closed, until `end_offer`. One warning may stay below all other messages until it is closed itself.
    """

    HANDLED_KEYS = (HandledKeys(("Esc",), tr_noop("in a message: close it")),)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._text = QLabel()
        self._action, self._action_text = QPushButton(), ""
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._on_action: Callable[[], object] | None = None
        self._lasting_offer: _Offer | None = None
        self._shows_lasting_offer = False
        self._message = self._warning = ""  # the upper and the lower text
        self._kind = "info"  # of the upper text
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._close = QToolButton()
        self._text.setObjectName("message")
        self._text.setWordWrap(True)
        self._text.setIndent(0)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A long file name may have no place where the line can break.
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setAccessibleName(self.tr("Close this message"))
        for button in (self._action, self._close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the keyboard stays where it was

        self._action.setMinimumWidth(1)  # it never makes the window wider: see `_arrange`
        self._body.addWidget(self._text, 1)
        self._body.addWidget(self._action, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        hbox(self._icon, (self._body, 1), self._close, parent=self, spacing=6, margins=(16, 0, 8, 0))
        self.hide()

        self._action.clicked.connect(self._on_action_clicked)
        self._close.clicked.connect(self._on_close_clicked)
        self._fading.timeout.connect(self._on_faded)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in _ARRANGING and not self.isHidden():
            self._arrange(self.width())
        return done

    def _arrange(self, width: int) -> None:
        """Put the button beside the text if both have room, else under it; a very long text of it is cut."""
        others = self._icon.sizeHint().width() + self._close.sizeHint().width() + px(16 + 2 * 6 + 8)
        room, metrics = width - others, self._action.fontMetrics()
        frame = self._action.sizeHint().width() - metrics.horizontalAdvance(self._action.text())
        text = metrics.elidedText(self._action_text, Qt.TextElideMode.ElideMiddle, max(0, room - frame))
        self._action.setText(text)
        self._action.setToolTip(self._action_text if text != self._action_text else "")
        least = min(px(_LEAST_TEXT), self._text.fontMetrics().horizontalAdvance(self._text.text()) + px(6))
        is_beside = self._action.isHidden() or self._action.sizeHint().width() + least <= room
        directions = QBoxLayout.Direction
        self._body.setDirection(directions.LeftToRight if is_beside else directions.TopToBottom)

    @property
    def line_height(self) -> int:
        """The height with a text of one line and a button."""
        parts = (part.sizeHint().height() for part in (self._action, self._close))
        return max(self._text.fontMetrics().height() + px(_PADDING), *parts) + 1

    @property
    def text(self) -> str:
        """The text that is shown; empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    @Slot(str)
    def warn(self, text: str) -> None:
        """Show a warning; it gets a capital first letter and a full stop."""
        self._show_message(sentence(text), "warning")

    @Slot(str)
    def warn_until_closed(self, text: str) -> None:
        """Show a warning below other messages until it is closed itself."""
        message = "" if self.isHidden() else self._message
        self._warning = sentence(text)
        self._show_texts(message, str(self.property("kind")))

    @Slot(str)
    def inform(self, sentence: str, *, fades: bool = True) -> None:
        """Show a message that goes by itself after the time to read it, unless it tells what still goes on."""
        self._show_message(sentence, "info")
        if fades:
            self._fading.start(_NOTICED_MS + _READ_MS * len(sentence))

    def offer(self, sentence: str, button_text: str, action: Callable[[], object], *, lasts: bool = False) -> None:
        """Show a message with a button; with `lasts` until `end_offer`, or until it is closed."""
        if lasts:
            self._lasting_offer = _Offer(sentence, button_text, action)
        self._show_message(sentence, "info")
        self._on_action, self._shows_lasting_offer = action, lasts
        self._action_text = button_text
        self._action.setText(button_text)
        self._action.setAccessibleName(button_text)
        self._action.show()

    def update_offer(self, sentence: str) -> None:
        """Change the text of the lasting offer; does nothing if it was closed."""
        if self._lasting_offer is None:
            return
        self._lasting_offer = replace(self._lasting_offer, sentence=sentence)
        if self._shows_lasting_offer:
            self._show_texts(sentence, "info")

    @Slot()
    def hide_temporary(self) -> None:
        """Hide the message unless it is the lasting offer, which is shown again."""
        offer = self._lasting_offer
        if offer is None:
            self._hide_message()
        elif self.isHidden() or not self._shows_lasting_offer:
            self.offer(offer.sentence, offer.button_text, offer.action, lasts=True)

    @Slot()
    def hide_warning(self) -> None:
        """Hide a warning, because what was done after it succeeded."""
        if not self.isHidden() and self._message and self._kind == "warning":
            self.hide_temporary()

    def retract(self, sentence: str) -> None:
        """Hide a message as `hide_temporary` does, if it is the one shown."""
        if not self.isHidden() and self._message == capitalised(sentence):
            self.hide_temporary()

    def end_offer(self) -> None:
        """End the lasting offer."""
        self._lasting_offer = None
        if self._shows_lasting_offer:
            self._hide_message()

    @property
    def action(self) -> QPushButton:
        """The button; hidden if nothing is offered."""
        return self._action

    @property
    def close_button(self) -> QToolButton:
        """The button that closes the message."""
        return self._close

    @Slot()
    def _on_faded(self) -> None:
        is_used = self.underMouse() or QApplication.focusWidget() in (self._action, self._close)
        if not self.isVisible() or is_used:
            self._fading.start(_NOTICED_MS)  # it was not seen yet, or it is being read
        else:
            self.hide_temporary()

    @Slot()
    def _on_action_clicked(self) -> None:
        action = self._on_action
        self._on_close_clicked()
        if action:
            action()

    @Slot()
    def _on_close_clicked(self) -> None:
        if not self._message:
            self._warning = ""
        if self._shows_lasting_offer:
            self.end_offer()
        else:
            self.hide_temporary()

    def _show_message(self, sentence: str, kind: str) -> None:
        self._action.hide()
        self._fading.stop()
        self._shows_lasting_offer, self._kind = False, kind
        self._show_texts(capitalised(sentence), kind)

    def _hide_message(self) -> None:
        """Hide the message; the warning below it stays."""
        self._fading.stop()
        self._shows_lasting_offer = False
        if self._warning:
            self._show_texts("", "warning")
        else:
            self.hide()

    def _show_texts(self, message: str, kind: str) -> None:
        self._message = message
        if not message:
            self._action.hide()
        text = "\n".join(filter(None, (message, self._warning)))
        kind = "warning" if self._warning else kind
        if self.text == text and self.property("kind") == kind:
            return
        self.setProperty("kind", kind)
        self.style().polish(self)
        self._tint()
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.show()
        announce(self, message or self._warning, is_urgent=kind == "warning")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_close_clicked()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self._icon.setPixmap(line_icon(str(self.property("kind") or "info")).pixmap(px(20), px(20)))
        self._close.setIcon(line_icon("close"))

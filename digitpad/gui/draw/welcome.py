"""When the cards of the first start are in the place of the answer."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import ModelEntry
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import WELCOME_CLOSED
from digitpad.gui.widgets.scroll_column import scroll_area

if TYPE_CHECKING:  # they are loaded when they are first shown
    from digitpad.gui.help.welcome_cards import WelcomeCards


class Welcome(QObject):
    """Shows the cards at a start until they were closed or all was done; they make way for the first stroke.

    They never cover the pad.
    """

    shown_changed = Signal()
    requested = Signal(str)  # what a card leads to, see `WelcomeCards.requested`

    def __init__(self, session: Session, canvas: InkCanvas, tab: QWidget) -> None:
        super().__init__(tab)
        self._session, self._canvas, self._tab = session, canvas, tab
        self.cards: WelcomeCards | None = None
        self._area: QScrollArea | None = None
        self._model: Path | None = None  # chosen when the cards were shown

    @property
    def is_shown(self) -> bool:
        """Whether the cards take the place of the answer."""
        return self._area is not None and not self._area.isHidden()

    def begin(self) -> None:
        """Show the cards, unless the user is done with them."""
        if self._session.settings.welcome_done != WELCOME_CLOSED:
            self._show()

    def show_again(self) -> None:
        """Show the cards as at the first start."""
        self._session.settings.welcome_done = ""
        self._show()

    def set_place(self, place: QRect) -> None:
        """Place the cards in the tab."""
        if self._area is not None:
            self._area.setGeometry(place)

    def _show(self) -> None:
        if self._area is None:
            self._area = self._create()
        if self.cards is not None:
            self.cards.refresh()
        self._model = self._session.models.chosen.path
        self._area.show()
        self.shown_changed.emit()

    def _create(self) -> QScrollArea:
        from digitpad.gui.help.welcome_cards import WelcomeCards

        session = self._session
        self.cards = cards = WelcomeCards(session.settings)
        area = scroll_area(cards)
        area.setParent(self._tab)
        cards.requested.connect(self._on_requested)
        cards.guide_requested.connect(session.guide_requested)
        cards.closed.connect(self._hide)
        self._canvas.stroke_started.connect(self._hide)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        # What is chosen by key or menu is shown in the panel.
        for changed in (session.models.comparing_changed, session.recognition.reads_numbers_changed):
            changed.connect(self._hide)
        session.models.chosen_changed.connect(self._on_model_chosen)
        session.training.epoch_done.connect(self._on_learned)
        session.mistake_seen.connect(self._on_mistake_seen)
        return area

    @Slot()
    def _hide(self) -> None:
        if self._area is None or not self.is_shown:
            return
        focused = self._tab.focusWidget()
        had_focus = focused is not None and self._area.isAncestorOf(focused)
        self._area.hide()
        self.shown_changed.emit()
        if had_focus:
            self._canvas.setFocus()

    @Slot()
    def _on_learned(self) -> None:
        self._mark_done("learn")

    @Slot()
    def _on_mistake_seen(self) -> None:
        self._mark_done("mistakes")

    def _mark_done(self, name: str) -> None:
        if self.cards is not None:
            self.cards.mark_done(name)

    @Slot(object)
    def _on_model_chosen(self, entry: ModelEntry) -> None:
        if entry.path == self._model:  # a run's model only got its name, as the list of runs was read
            return
        self._model = entry.path
        if self._tab.isVisible():  # else a training on another page brought the model
            self._hide()

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        if drawing:
            self._mark_done("draw")
            self._hide()

    @Slot(str)
    def _on_requested(self, name: str) -> None:
        if name == "draw":
            self._hide()
        self._canvas.setFocus()
        self.requested.emit(name)

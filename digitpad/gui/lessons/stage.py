"""What lessons need of the window."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from digitpad.core.lessons.conditions import Tab
from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.session.session import Session

if TYPE_CHECKING:  # they are loaded when they are first shown
    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QAction

    from digitpad.gui.mistakes.mistakes_tab import MistakesTab
    from digitpad.gui.train.gates.dialog import GatesDialog
    from digitpad.gui.train.train_tab import TrainTab


class Stage(Protocol):
    """The window with its pages. Reading a page or a dialog creates it if it does not exist yet."""

    @property
    def session(self) -> Session:
        """The state that the pages share."""
        ...

    @property
    def draw_tab(self) -> DrawTab:
        """The Draw page."""
        ...

    @property
    def training_tab(self) -> "TrainTab":
        """The Train page."""
        ...

    @property
    def mistakes_tab(self) -> "MistakesTab":
        """The Mistakes page."""
        ...

    @property
    def gates(self) -> "GatesDialog":
        """The dialog "Logic gates"."""
        ...

    @property
    def view_actions(self) -> "dict[str, QAction]":
        """The actions that show the views of a lesson, by their name in a file."""
        ...

    @property
    def page_changed(self) -> "SignalInstance":
        """Emitted when another page is shown."""
        ...

    @property
    def has_train_page(self) -> bool:
        """Whether the Train page exists already."""
        ...

    @property
    def page_name(self) -> Tab:
        """The page that is shown."""
        ...

    def allow_actions(self, names: Collection[str] | None) -> None:
        """Let only these of the actions that a lesson can switch off be used; None: all of them."""
        ...

    def show_page(self, name: Tab) -> None:
        """Show a page, and give it the focus."""
        ...

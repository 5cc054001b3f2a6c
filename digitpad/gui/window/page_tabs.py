"""The pages of the window. To add a page, add an entry to `PageTabs._describe_pages`."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.session.session import Session
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.theme.theme import styled_at_end
from digitpad.gui.widgets.scroll_column import scroll_page
from digitpad.gui.widgets.sentences import without_mnemonic
from digitpad.gui.window.actions import Actions

_ROOM_FOR_ICONS = 440  # px; in a narrower window the titles need it


class PageId(IntEnum):
    """The pages, by their place in the tab bar."""

    DRAW = 0
    TRAIN = 1
    MISTAKES = 2
    MY_DIGITS = 3


@dataclass(frozen=True, slots=True)
class _Page:
    title: str  # with the mnemonic of the View menu
    icon: str
    create: Callable[["PageTabs"], Any]  # returns the widget
    focus: Callable[[Any], object] = QWidget.setFocus  # gives the focus to the widget, or to a part of it


class PageTabs(QTabWidget):
    """Creates each page when it is first shown: the plots take a third of a second to load."""

    page_created = Signal(int)

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.actions_ = session, actions
        self._pages = self._describe_pages()
        self._layouts: list[QVBoxLayout] = []
        self._widgets: dict[int, QWidget] = {}
        self._has_icons = True
        self.setDocumentMode(True)
        for widget in (self, self.tabBar()):
            widget.setAccessibleName(self.tr("Pages"))
        self.setIconSize(QSize(px(18), px(18)))

        for page in self._pages:
            container = QWidget()
            layout = QVBoxLayout(container)
            layout.setContentsMargins(0, 0, 0, 0)
            self._layouts.append(layout)
            self.addTab(container, without_mnemonic(page.title))

        self.currentChanged.connect(self._on_current_changed)

    @property
    def titles(self) -> list[str]:
        """Titles of the pages for a menu, with mnemonics."""
        return [page.title for page in self._pages]

    @property
    def current_page(self) -> QWidget:
        """The widget of the page that is shown."""
        return self.page(self.currentIndex())

    def undo_actions(self, number: int) -> list[QAction]:
        """Return the commands of a page that undo and redo, for the Edit menu."""
        if number == PageId.DRAW:
            return [self.actions_.undo, self.actions_.redo]
        return self.page(number).undo_actions

    def has_page(self, number: int) -> bool:
        """Whether a page was created already."""
        return number in self._widgets

    def page(self, number: int) -> Any:  # noqa: ANN401 - each page has another class
        """Return the widget of a page; it is created if it does not exist yet."""
        if number not in self._widgets:
            # Pages with fewer widgets are made faster without.
            with styled_at_end() if number in (PageId.TRAIN, PageId.MISTAKES) else nullcontext():
                widget = self._widgets[number] = self._pages[number].create(self)
                area = scroll_page(widget)
                self._layouts[number].addWidget(area)
            for part in (area, widget):
                part.show()  # at once: the layout would show it later
            self.page_created.emit(number)
        return self._widgets[number]

    @Slot(int)
    def show_page(self, number: int) -> None:
        """Show a page, and give it the focus."""
        self.setCurrentIndex(number)
        self._focus(number)

    @Slot()
    def show_pad(self) -> None:
        """Show the Draw page."""
        self.show_page(PageId.DRAW)

    @Slot()
    def show_teach(self) -> None:
        """Show the Draw page, where each digit is asked for three times."""
        self.show_page(PageId.DRAW)
        self.actions_.teach.setChecked(True)

    @Slot()
    def show_my_digits(self) -> None:
        """Show the My digits page."""
        self.show_page(PageId.MY_DIGITS)

    @Slot()
    def tint_icons(self) -> None:
        """Set the icons in the colours of the theme."""
        self._has_icons = self.width() >= px(_ROOM_FOR_ICONS)
        for number, page in enumerate(self._pages):
            self.setTabIcon(number, line_icon(page.icon) if self._has_icons else QIcon())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._has_icons != (self.width() >= px(_ROOM_FOR_ICONS)):
            self.tint_icons()

    def _describe_pages(self) -> list[_Page]:
        """Return the pages in the order of PageId."""
        return [
            _Page(self.tr("&Draw"), "draw", _create_draw_tab, lambda tab: tab.canvas.setFocus()),
            _Page(self.tr("&Train"), "train", _create_train_tab, lambda tab: tab.take_focus()),
            _Page(self.tr("Mista&kes"), "mistakes", _create_mistakes_tab, lambda tab: tab.focus_samples()),
            _Page(self.tr("M&y digits"), "mine", _create_my_digits_tab, lambda tab: tab.take_focus()),
        ]

    def _focus(self, number: int) -> None:
        self._pages[number].focus(self.page(number))

    @Slot(int)
    def _on_current_changed(self, number: int) -> None:
        self.page(number)
        # A user who moves through the tab bar with arrow keys keeps the focus there.
        if not self.tabBar().hasFocus():
            self._focus(number)


def _create_draw_tab(tabs: PageTabs) -> QWidget:
    tab = DrawTab(tabs.session, tabs.actions_.tools)
    tab.addActions(tabs.actions_.pad_actions)
    return tab


def _create_train_tab(tabs: PageTabs) -> QWidget:
    from digitpad.gui.train.train_tab import TrainTab

    tab = TrainTab(tabs.session)
    tab.my_digits_requested.connect(tabs.show_my_digits)
    tab.gates_requested.connect(tabs.actions_.gates.trigger)
    return tab


def _create_mistakes_tab(tabs: PageTabs) -> QWidget:
    from digitpad.gui.mistakes.mistakes_tab import MistakesTab

    tab = MistakesTab(tabs.session)
    tab.pad_requested.connect(tabs.show_pad)
    return tab


def _create_my_digits_tab(tabs: PageTabs) -> QWidget:
    from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab

    tab = MyDigitsTab(tabs.session)
    tab.pad_requested.connect(tabs.show_pad)
    tab.teach_requested.connect(tabs.show_teach)
    return tab

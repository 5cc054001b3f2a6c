"""The window of the guide."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QToolButton, QWidget

from digitpad.core.translation import language
from digitpad.gui.help.guide_text import GuideText
from digitpad.gui.help.pages import Page, find, read_pages
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px, resize_window
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.search_field import SearchField
from digitpad.gui.widgets.splitter import Splitter

_SIZE, _SMALLEST, _LIST = QSize(980, 700), QSize(520, 360), 240  # px
_FIRST = "first-minutes"
_Place = Qt.ItemDataRole.UserRole


class GuideWindow(QDialog):
    """Pages, and the search in them; not modal, and without a parent: so a dialog of the main window leaves it usable.

    Esc closes it; it remembers its size.
    """

    place_changed = Signal(str)

    def __init__(self, settings: Settings, keys: Callable[[QWidget], str]) -> None:
        super().__init__()
        self._settings = settings
        self._history: list[str] = []
        self._place = -1  # in the history
        self.search, self.contents, self.text = SearchField(), QListWidget(), GuideText()
        self.back, self.forward = QToolButton(), QToolButton()
        self.setWindowTitle(self.tr("Guide"))
        self.setWindowFlags(Qt.WindowType.Window)
        self.search.setPlaceholderText(self.tr("Search the guide"))
        self.search.setAccessibleName(self.tr("Search the guide"))
        self.contents.setAccessibleName(self.tr("Pages"))
        self.contents.setWordWrap(True)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = (
            (self.back, self.tr("Back"), QKeySequence.StandardKey.Back),
            (self.forward, self.tr("Forward"), QKeySequence.StandardKey.Forward),
        )
        for button, name, key in buttons:
            button.setAccessibleName(name)
            button.setShortcut(QKeySequence(key))
            keys_text = button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{name} ({keys_text})")
        find_key = QShortcut(QKeySequence.StandardKey.Find, self)
        find_key.setWhatsThis(self.tr("Search the guide"))
        self._lay_out()
        self._pages: dict[str, Page] = read_pages(language(), keys(self))

        self.back.clicked.connect(self._on_back)
        self.forward.clicked.connect(self._on_forward)
        self.search.searched.connect(self._on_searched)
        self.search.exited.connect(self._on_search_exited)
        self.contents.currentItemChanged.connect(self._on_item_changed)
        self.text.place_requested.connect(self.open_place)
        find_key.activated.connect(self._on_find)
        self._list_pages()
        self._tint()

    def _lay_out(self) -> None:
        side, main = QWidget(), QWidget()
        splitter = Splitter(Qt.Orientation.Horizontal, self.tr("Divider between list and page"), 8)
        bar = hbox(self.back, self.forward, None, spacing=4, margins=(16, 0, 0, 0))
        vbox(self.search, (self.contents, 1), parent=side, spacing=8)
        vbox(bar, (self.text, 1), parent=main, spacing=8)
        splitter.addWidget(side)
        splitter.addWidget(main)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([px(_LIST), px(_SIZE.width() - _LIST)])
        vbox(splitter, parent=self, margins=(16, 16, 0, 12))
        self.setMinimumSize(_SMALLEST)
        if not self.restoreGeometry(self._settings.guide_geometry):
            resize_window(self, _SIZE.width(), _SIZE.height())

    @property
    def place(self) -> str:
        """The place that is shown, such as "glossary#momentum"."""
        return self._history[self._place] if self._history else ""

    @Slot(str)
    def open_place(self, place: str) -> None:
        """Show a page, or a section of it, and remember the way back; a place that does not exist is ignored."""
        name = place.partition("#")[0] or self.place.partition("#")[0]
        if name not in self._pages:
            return
        if place.startswith("#"):
            place = name + place
        if place != self.place:
            self._history[self._place + 1 :] = [place]
            self._place += 1
        self._show_place()

    def open_first(self) -> None:
        """Show the window with the page that it had, or with the first one."""
        self.open_place(self.place or _FIRST)

    def hideEvent(self, event: QHideEvent) -> None:
        self._settings.guide_geometry = self.saveGeometry()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _show_place(self) -> None:
        name, _, section = self.place.partition("#")
        page, words = self._pages[name], tuple(self.search.text().split())
        number = int(section) if section.isdigit() else page.number_of(section)
        self.text.show_page(page, number, words)
        self.setWindowTitle(self.tr("{} – Guide").format(page.title))
        self.back.setEnabled(self._place > 0)
        self.forward.setEnabled(self._place + 1 < len(self._history))
        self._select_item()
        self.place_changed.emit(self.place)

    def _select_item(self) -> None:
        """Select the item of the place, or else of its page; none in a search that did not find it."""
        places = [self.contents.item(row).data(_Place) for row in range(self.contents.count())]
        wanted = (self.place, self.place.partition("#")[0])
        row = next((places.index(place) for place in wanted if place in places), -1)
        self.contents.blockSignals(True)
        self.contents.setCurrentRow(row)
        self.contents.blockSignals(False)

    def _list_pages(self) -> None:
        self._fill([(page.title, page.name) for page in self._pages.values()])

    def _fill(self, items: list[tuple[str, str]]) -> None:
        self.contents.blockSignals(True)
        self.contents.clear()
        for text, place in items:
            item = QListWidgetItem(text, self.contents)
            item.setData(_Place, place)
            if not place:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.contents.blockSignals(False)

    def _tint(self) -> None:
        self.back.setIcon(line_icon("back"))
        self.forward.setIcon(line_icon("forward"))

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        if not text.strip():
            self._list_pages()
            self._show_place()
            return
        hits = find(self._pages, text)
        items = [
            (
                f"{hit.page.sections[hit.number].title}\n{hit.page.title} · {hit.excerpt}",
                f"{hit.page.name}#{hit.number}",
            )
            for hit in hits
        ]
        self._fill(items or [(self.tr("No page has “{}”. Try one word.").format(text.strip()), "")])
        if items:
            self.open_place(items[0][1])

    @Slot()
    def _on_search_exited(self) -> None:
        self.contents.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot()
    def _on_back(self) -> None:
        self._place = max(self._place - 1, 0)
        self._show_place()

    @Slot()
    def _on_forward(self) -> None:
        self._place = min(self._place + 1, len(self._history) - 1)
        self._show_place()

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_Place):
            self.open_place(item.data(_Place))

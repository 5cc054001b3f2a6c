"""The middle column of the Mistakes tab: the samples, or a message in their place."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QWidget

from digitpad.core.evaluation.sample_filter import RANDOM_COLUMNS
from digitpad.core.training.config import LOSS_NAMES
from digitpad.core.translation import tr
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.grid.zoom import clamped_side
from digitpad.gui.mistakes.context_menu import SampleMenu
from digitpad.gui.mistakes.filter_bar import FilterBar
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.mistakes.sample_grid import SampleGrid
from digitpad.gui.mistakes.samples_model import SamplesModel
from digitpad.gui.mistakes.texts import count_text, empty_text, query_title, samples_title
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.empty_page import EmptyPage


class SampleGallery(QWidget):
    """Shows the samples of the browser and the filter bar, or a page with a message."""

    current_changed = Signal(object)  # a Sample, or None
    put_on_pad_requested = Signal(object)  # a Sample
    side_changed = Signal(int)

    def __init__(self, browser: SampleBrowser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._browser = browser
        self._title, self._count = QLabel(), QLabel()
        self._export, self.menu = QPushButton(self.tr("Export")), SampleMenu(self)
        self.filters = FilterBar()
        self.model = SamplesModel(self)
        self.grid = SampleGrid(self.model)
        self.page, self._pages = EmptyPage(), QStackedWidget()
        self._on_action: Callable[[], object] = browser.clear_filters
        self._said = "", ""  # the title and the count that a screen reader was told

        self._set_up()
        self._lay_out()

        self._connect()
        self._on_samples_changed()

    def _set_up(self) -> None:
        for label, role in ((self._title, "title"), (self._count, "muted")):
            label.setProperty("role", role)
        self._title.setWordWrap(True)
        self._export.setMenu(self.menu.exports)
        self._export.setToolTip(self.tr("Export or print the selected samples, or all that are shown"))

    def _lay_out(self) -> None:
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self.page)
        # The count has a line of its own: beside the title, each new text would move both.
        top = hbox((vbox(self._title, self._count, spacing=0), 1), self._export, spacing=12)
        vbox(top, self.filters, (self._pages, 1), parent=self, spacing=8)

    def _connect(self) -> None:
        browser, controls, grid, menu = self._browser, self.filters, self.grid, self.menu
        browser.samples_changed.connect(self._on_samples_changed)
        browser.query_changed.connect(self._refresh)
        controls.show_chosen.connect(browser.choose_show)
        controls.random_count_chosen.connect(browser.choose_random_count)
        controls.draw_requested.connect(browser.draw_others)
        controls.sort_chosen.connect(browser.choose_sort)
        controls.reverse_toggled.connect(browser.set_reversed)
        controls.cells_requested.connect(browser.choose_cells)
        controls.text_changed.connect(browser.search)
        for widget in (controls, grid):
            widget.side_requested.connect(self.show_side)
        grid.current_changed.connect(self.current_changed)
        grid.put_on_pad_requested.connect(self.put_on_pad_requested)
        grid.selection_changed.connect(self._on_selection_changed)
        grid.menu_requested.connect(self._on_menu_requested)
        menu.put_on_pad_requested.connect(self._on_put_current_on_pad)
        menu.draw_requested.connect(browser.draw_others)
        menu.draw_earlier_requested.connect(browser.draw_earlier)
        menu.mark_requested.connect(self._on_mark_requested)
        self.page.action_requested.connect(self._on_action_requested)
        controls.search_left.connect(self._on_search_left)
        search = QShortcut(QKeySequence.StandardKey.Find, self)
        search.setWhatsThis(self.tr("Search the samples"))
        search.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        search.activated.connect(controls.focus_search)

    def set_stage(self, *, on: bool) -> None:
        """Show only the samples and their title, large; or everything."""
        for controls in (self.filters, self._export):
            controls.setHidden(on)
        self.grid.set_stage(on=on)

    @property
    def title(self) -> str:
        """The models and the data."""
        return self._title.text()

    @property
    def count(self) -> str:
        """How many samples are shown and selected."""
        return self._count.text()

    @property
    def shows_message(self) -> bool:
        """Whether a message is shown in place of samples."""
        return self._pages.currentWidget() is self.page

    @property
    def chosen(self) -> np.ndarray:
        """(k,) int64: the selected samples if there are several, otherwise all that are shown."""
        selected = self.grid.selected_ids()
        return selected if len(selected) > 1 else self._browser.indices

    @property
    def plot_columns(self) -> int:
        """The columns of the plot of random samples; 0 if all samples are shown as thumbnails."""
        return RANDOM_COLUMNS.get(self._browser.query.random_count, 0)

    @property
    def chosen_title(self) -> str:
        """A description of `chosen`: "Wrong, label 4, predicted 9, most confident first"."""
        samples = self._browser.samples
        has_model = samples is not None and samples.evaluation is not None
        is_selection = len(self.grid.selected_ids()) > 1
        return query_title(self._browser.query, self.tr, has_model=has_model, is_selection=is_selection)

    def show_message(
        self, title: str, sentence: str, button: str, action: Callable[[], object], icon: str = "mistakes"
    ) -> None:
        """Show a message in place of samples; `button` is the text of the button, empty for none."""
        self._on_action = action
        self.page.set_content(title, sentence, button, icon=icon)
        self._pages.setCurrentWidget(self.page)

    @Slot(int)
    def show_side(self, side: int) -> None:
        """Set the size of the images, px."""
        side = clamped_side(side)
        self.grid.set_side(side)
        self.filters.show_side(side)
        self.side_changed.emit(side)

    @Slot()
    def _on_samples_changed(self) -> None:
        samples = self._browser.samples
        for widget in (self.filters, self._export):
            widget.setEnabled(samples is not None)
        self._title.setText(samples_title(samples, self.tr) if samples else "")
        if samples:
            self.filters.set_has_model(has_model=samples.evaluation is not None)
            self.filters.show_loss(tr(LOSS_NAMES[samples.evaluation.loss.name]) if samples.evaluation else "")

    @Slot()
    def _refresh(self) -> None:
        samples, query, indices = self._browser.samples, self._browser.query, self._browser.indices
        self.filters.show_query(query)
        self.grid.set_plot_columns(self.plot_columns)
        self.model.show_samples(samples, indices)
        if samples is None:
            self._count.setText("")
            self._said = "", ""
            return
        self._on_selection_changed()
        if len(indices):
            self._pages.setCurrentWidget(self.grid)
            self._announce(self.count)
        else:
            title, sentence, button = empty_text(samples, query, self.tr)
            self.show_message(title, sentence, button, self._browser.show_found)
            self._announce(sentence)

    def _announce(self, count: str) -> None:
        """Tell a screen reader how many samples there are if that is new, and of which models and data."""
        before, self._said = self._said, (self.title, count)
        if self._said != before and self.isVisible():
            announce(self, count if before[0] == self.title else f"{self.title}: {count}")

    @Slot()
    def _on_selection_changed(self) -> None:
        selected, shown = self.grid.selected_ids(), len(self._browser.indices)
        self._count.setText(count_text(self._browser.query, self._browser.found, shown, len(selected), self.tr))
        self.menu.show_counts(len(selected), shown, are_marked=self._browser.are_marked(selected))
        self.menu.show_draw(self._browser.query.seed if self._browser.query.random_count else None)

    @Slot()
    def _on_search_left(self) -> None:
        (self.page.action if self.shows_message else self.grid).setFocus()

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        self.menu.popup(place)

    @Slot()
    def _on_action_requested(self) -> None:
        self._on_action()

    @Slot()
    def _on_put_current_on_pad(self) -> None:
        if sample := self.grid.current_sample:
            self.put_on_pad_requested.emit(sample)

    @Slot()
    def _on_mark_requested(self) -> None:
        self._browser.toggle_marks(self.grid.selected_ids())

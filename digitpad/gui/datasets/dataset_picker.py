"""The choice of a data set, and whether it is installed."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from digitpad.core.datasets.catalogue import catalogue, entry_of
from digitpad.core.images.set_options import split_options
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.form_metrics import FIELD_LEFT
from digitpad.gui.widgets.sentences import capitalised

_ICON_SIZE = 16
_STATE_HEIGHT = 20


class DatasetStateLike(Protocol):
    """Whether a data set can be used now, and its state as text."""

    @property
    def is_ready(self) -> bool: ...

    @property
    def sentence(self) -> str: ...


class DatasetPicker(ChoiceField):
    """The data sets of the catalogue, the user's own, "Choose a folder…" and "Choose a file…"."""

    folder_requested = Signal()
    file_requested = Signal()
    recent_requested = Signal(str)  # data of an earlier session, to look at it again

    def __init__(self, parent: QWidget | None = None, *, excluded: Collection[str] = ()) -> None:
        """List the catalogue without the `excluded` keys."""
        entries = [entry for entry in catalogue() if entry.key not in excluded]
        super().__init__({entry.key: entry.title for entry in entries}, parent)
        self._chosen = self.currentIndex()
        self._descriptions = {entry.key: entry.description for entry in entries}
        self.insertSeparator(self.count())
        self._recent: set[str] = set()
        self._file_items = [self.tr("Choose a folder…"), self.tr("Choose a file…")]
        self.addItems(self._file_items)
        self.show_states({})

    def show_raw(self, raw: str | bool) -> None:
        if self.findData(raw) < 0:
            self._insert(str(raw))
        self._recent.discard(str(raw))
        super().show_raw(raw)
        for index in self._indices_of(str(raw)):
            if index != self.currentIndex():
                self.removeItem(index)  # the same data with other options
        self._chosen = self.currentIndex()

    def show_recent(self, datasets: Iterable[str]) -> None:
        """List data of earlier sessions too."""
        for dataset in datasets:
            if not self._indices_of(dataset):
                self._insert(dataset)
                self._recent.add(dataset)

    def _indices_of(self, dataset: str) -> list[int]:
        """Return the places of some data with any options, the last first."""
        path = split_options(dataset)[0]
        keys = {index: self.itemData(index) for index in reversed(range(self.count()))}
        return [index for index, key in keys.items() if isinstance(key, str) and split_options(key)[0] == path]

    def _insert(self, dataset: str) -> None:
        place = self.count() - len(self._file_items) - 1  # before the separator
        self.insertItem(place, entry_of(dataset).title, dataset)
        self._descriptions[dataset] = dataset

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Disable nothing: the model's input size follows the data set."""

    def show_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Show each set's description and state in its tooltip."""
        for index in range(self.count()):
            key = self.itemData(index)
            if key in self._descriptions:
                state = f" ({states[key].sentence})" if key in states else ""
                self.setItemData(index, self._descriptions[key] + state, Qt.ItemDataRole.ToolTipRole)

    @Slot()
    def _on_activated(self) -> None:
        chosen = self.currentData()
        if chosen is None:
            is_file = self.currentText() == self._file_items[-1]
            self.setCurrentIndex(self._chosen)
            (self.file_requested if is_file else self.folder_requested).emit()
            return
        if chosen in self._recent:
            self.setCurrentIndex(self._chosen)
            self.recent_requested.emit(chosen)
            return
        self._chosen = self.currentIndex()
        self.edited.emit()


class DatasetStateLine(QWidget):
    """An icon and the state of the chosen set; an empty line keeps its height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: DatasetStateLike | None = None
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setProperty("role", "hint")
        self._text.setWordWrap(True)
        self._icon.setFixedWidth(px(_ICON_SIZE))
        self.setMinimumHeight(px(_STATE_HEIGHT))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(FIELD_LEFT), 0, 0, 0)
        layout.setSpacing(px(6))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)

    @property
    def text(self) -> str:
        """The text that is shown."""
        return self._text.text()

    def show_state(self, state: DatasetStateLike | None) -> None:
        """Show the state of the chosen set; None for nothing."""
        self._state = state
        sentence = state.sentence if state else ""
        self._text.setText(capitalised(sentence).replace(" MB", "\N{NO-BREAK SPACE}MB"))
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        if self._state is None:
            self._icon.clear()
            return
        name = "here" if self._state.is_ready else "download"
        if not self._state.is_ready and not getattr(self._state, "download", 1):
            name = "warning"  # a download cannot fix it
        self._icon.setPixmap(line_icon(name).pixmap(px(_ICON_SIZE), px(_ICON_SIZE)))

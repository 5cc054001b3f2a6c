"""The choice of a data set, and whether it is installed."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from digitpad.core.datasets.catalogue import catalogue, entry_of
from digitpad.gui.theme.icons import line_icon
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
    """The data sets of the catalogue, the folders that were added, and "Choose a folder…"."""

    folder_requested = Signal()
    ink_requested = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, excluded: Collection[str] = (), accepts_ink: bool = False
    ) -> None:
        """List the catalogue without the `excluded` keys; with `accepts_ink` also "Choose an ink file…"."""
        entries = [entry for entry in catalogue() if entry.key not in excluded]
        super().__init__({entry.key: entry.title for entry in entries}, parent)
        self._chosen = self.currentIndex()
        self._descriptions = {entry.key: entry.description for entry in entries}
        self.insertSeparator(self.count())
        self._file_items = [self.tr("Choose a folder…"), *([self.tr("Choose an ink file…")] if accepts_ink else [])]
        self.addItems(self._file_items)
        self.show_states({})

    def show_raw(self, raw: str | bool) -> None:
        if self.findData(raw) < 0:
            place = self.count() - len(self._file_items) - 1  # before the separator
            self.insertItem(place, entry_of(str(raw)).title, raw)
            self._descriptions[str(raw)] = str(Path(str(raw)))
        super().show_raw(raw)
        self._chosen = self.currentIndex()

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
        if self.currentData() is None:
            is_ink = self.currentText() == self._file_items[-1] and len(self._file_items) > 1
            self.setCurrentIndex(self._chosen)
            (self.ink_requested if is_ink else self.folder_requested).emit()
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
        self._icon.setFixedWidth(_ICON_SIZE)
        self.setMinimumHeight(_STATE_HEIGHT)

        layout = QHBoxLayout(self)
        layout.setContentsMargins(FIELD_LEFT, 0, 0, 0)
        layout.setSpacing(6)
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
        self._icon.setPixmap(line_icon(name).pixmap(_ICON_SIZE, _ICON_SIZE))

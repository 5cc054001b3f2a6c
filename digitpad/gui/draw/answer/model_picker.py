"""The list of models beside the pad: shipped ones, the user's, and those of runs."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.translation import percent, tr
from digitpad.gui.widgets.combo_box import ComboBox


class ModelPicker(ComboBox):
    """Leaves letters and digits to the commands of the pad; in the open list they find a model."""

    model_requested = Signal(object)  # ModelEntry
    elide_mode = Qt.TextElideMode.ElideMiddle  # the epoch is at the end

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ModelEntry | str] = []  # a model, or the heading of a group
        self.setAccessibleName(self.tr("Model"))

        self.edited.connect(self._on_edited)

    def show_models(self, models: Sequence[ModelEntry], chosen: ModelEntry) -> None:
        """List models in groups, and show the chosen one; an open list stays open while nothing is added or removed."""
        rows = self._grouped(models)
        if list(map(_identity, rows)) != list(map(_identity, self._rows)):
            self.clear()
            for row in rows:
                self.add_heading(row) if isinstance(row, str) else self.addItem("")
            self._rows = []
        for number, row in enumerate(rows):
            if isinstance(row, ModelEntry) and (not self._rows or row is not self._rows[number]):
                self.setItemText(number, display_name(row))
                self.setItemData(number, _tip(row), Qt.ItemDataRole.ToolTipRole)
        self._rows = rows
        self.setCurrentIndex(next((number for number, row in enumerate(rows) if row == chosen), -1))
        self.setToolTip("\n".join((display_name(chosen), self.tr("The model that answers"))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() and event.text().isprintable() and event.key() != Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _grouped(self, models: Sequence[ModelEntry]) -> list[ModelEntry | str]:
        """Return the shipped models, then the other groups, each below its heading."""
        shipped = [entry for entry in models if entry.is_shipped]
        own = [entry for entry in models if not entry.is_shipped and not entry.belongs_to_run]
        of_runs = [entry for entry in models if entry.belongs_to_run and not entry.is_shipped]
        groups = ((self.tr("Your models"), own), (self.tr("Runs"), of_runs))
        return [*shipped, *(row for heading, group in groups if group for row in (heading, *group))]

    @Slot()
    def _on_edited(self) -> None:
        entry = self._rows[self.currentIndex()]
        if isinstance(entry, ModelEntry):
            self.model_requested.emit(entry)


def _identity(row: ModelEntry | str) -> tuple[object, ...]:
    return (row,) if isinstance(row, str) else (row.path, row.is_shipped, row.live is None)


def _tip(entry: ModelEntry) -> str:
    """Return what is known about a model, a fact in each line."""
    accuracy = entry.card.test_accuracy
    measured = "" if accuracy is None else percent(accuracy, 2).replace(" ", "\N{NO-BREAK SPACE}")
    return "\n".join(filter(None, (display_name(entry), tr(entry.card.title), measured)))

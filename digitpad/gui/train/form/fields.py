"""The fields of a form: each holds one raw value, and reports when the user edits it."""

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QSpinBox, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.combo_box import ChoiceField, ComboBox
from digitpad.gui.widgets.form_metrics import indent_number

# The largest value of a spin box; allowed ranges are checked in `validation`.
_LARGEST = 2**31 - 1
# A line edit has a margin of 2 px; this one aligns its text with those of the other fields.
_BATCH_MARGIN = -2
_SUGGESTED_BATCHES = ("1", "16", "32", "64", "100", "128", "256", "512", "1000", "full")


class BatchField(ComboBox):
    """A number to type, or to choose from common ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QLineEdit()
        self.setLineEdit(line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # Completion would turn a typed 1 into 16.
        self.setCompleter(None)  # pyright: ignore[reportArgumentType] - Qt allows a null pointer here
        self.addItems(_SUGGESTED_BATCHES)
        line.setTextMargins(px(_BATCH_MARGIN), 0, 0, 0)

        line.textEdited.connect(self._on_activated)

    @property
    def raw(self) -> str:
        """The text, as typed."""
        return self.currentText()

    def show_raw(self, raw: str | bool) -> None:
        """Show a text."""
        self.setEditText(str(raw))


class TextField(QLineEdit):
    """A number, a list of numbers, or nothing; parsed by the form, which can explain errors better than Qt."""

    edited = Signal()

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setMinimumWidth(px(64))

        self.textEdited.connect(self._on_text_edited)

    @Slot()
    def _on_text_edited(self) -> None:
        self.edited.emit()

    @property
    def raw(self) -> str:
        """The text, as typed."""
        return self.text()

    def show_raw(self, raw: str | bool) -> None:
        """Show a text."""
        self.setText(str(raw))
        self.setCursorPosition(0)


class CountField(QSpinBox):
    """A whole number."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(0, _LARGEST)
        self.setLocale(QLocale.c())
        indent_number(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(px(64))

        self.valueChanged.connect(self._on_edited)
        self.lineEdit().textEdited.connect(self._on_edited)
        self.editingFinished.connect(self._on_edited)

    @Slot()
    def _on_edited(self) -> None:
        self.edited.emit()

    @property
    def raw(self) -> str:
        """The text, which may be empty while the user types."""
        return self.lineEdit().text()

    def show_raw(self, raw: str | bool) -> None:
        """Show a number without emitting `edited`."""
        self.blockSignals(True)
        self.setValue(int(raw))
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FlagField(QCheckBox):
    """On or off."""

    edited = Signal()

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)

        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        self.edited.emit()

    @property
    def raw(self) -> bool:
        """Whether the box is ticked."""
        return self.isChecked()

    def show_raw(self, raw: str | bool) -> None:
        """Tick or untick."""
        self.setChecked(bool(raw))


RawField = ChoiceField | BatchField | TextField | CountField | FlagField

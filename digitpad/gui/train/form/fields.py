"""The fields of a form: each holds one raw value, and says when the user has edited it."""

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QSpinBox, QWidget

from digitpad.gui.widgets.combo_box import ChoiceField, ComboBox

# As much as a spin box can hold; what is allowed is judged elsewhere.
_LARGEST = 2**31 - 1
# A line edit has a margin of 2 px of its own, and Qt gives one inside a spin box none of the style's padding: with
# these the texts of all kinds of fields begin in one line.
_BATCH_MARGIN, _COUNT_MARGIN = -2, 9
_SUGGESTED_BATCHES = ("1", "16", "32", "64", "100", "128", "256", "512", "1000", "full")


class BatchField(ComboBox):
    """A number that can be typed, or one of the usual ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QLineEdit()
        self.setLineEdit(line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # Completion would turn a typed 1 into 16.
        self.setCompleter(None)  # pyright: ignore[reportArgumentType] - Qt takes a null pointer here
        self.addItems(_SUGGESTED_BATCHES)
        line.setTextMargins(_BATCH_MARGIN, 0, 0, 0)

        line.textEdited.connect(self._on_activated)

    @property
    def raw(self) -> str:
        """The text as it stands."""
        return self.currentText()

    def show_raw(self, raw: str | bool) -> None:
        """Put text in."""
        self.setEditText(str(raw))


class TextField(QLineEdit):
    """A number, a list of them, or nothing; read by the form rather than by Qt, so that errors can be said."""

    edited = Signal()

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setMinimumWidth(64)

        self.textEdited.connect(self._on_text_edited)

    @Slot()
    def _on_text_edited(self) -> None:
        self.edited.emit()

    @property
    def raw(self) -> str:
        """The text as it stands."""
        return self.text()

    def show_raw(self, raw: str | bool) -> None:
        """Put text in."""
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
        self.lineEdit().setTextMargins(_COUNT_MARGIN, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(64)

        self.valueChanged.connect(self._on_edited)
        self.lineEdit().textEdited.connect(self._on_edited)
        self.editingFinished.connect(self._on_edited)

    @Slot()
    def _on_edited(self) -> None:
        self.edited.emit()

    @property
    def raw(self) -> str:
        """The text as it stands, which may be empty while it is typed."""
        return self.lineEdit().text()

    def show_raw(self, raw: str | bool) -> None:
        """Put a number in, silently."""
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
        """Whether it is ticked."""
        return self.isChecked()

    def show_raw(self, raw: str | bool) -> None:
        """Tick or untick."""
        self.setChecked(bool(raw))


RawField = ChoiceField | BatchField | TextField | CountField | FlagField

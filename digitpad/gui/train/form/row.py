"""A row of the form: a label, a field, and a note about its problem."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from digitpad.gui.help.term_label import TermLabel, explain
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.form.fields import FlagField, RawField
from digitpad.gui.train.form.help_texts import FieldText
from digitpad.gui.widgets.form_metrics import LABEL_GAP, LABEL_WIDTH
from digitpad.gui.widgets.sentences import sentence, wrapped


class FormRow(QWidget):
    """A label on the left and a field on the right, aligned in all rows; a tick box has its own label."""

    edited = Signal(str)
    guide_requested = Signal(str)

    def __init__(
        self, key: str, text: FieldText, field: RawField, *, is_wide: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.key, self.field, self._text = key, field, text
        is_flag = isinstance(field, FlagField)
        place = f"glossary#{key.rpartition('.')[2]}"
        self._label = TermLabel("?" if is_flag else text.label, place)  # a click on the text of a tick box ticks it
        self._note = note_label()
        self._label.setProperty("role", "field")
        if is_flag:
            self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        else:
            self._label.setBuddy(field)
        if not is_wide:
            self._label.setFixedWidth(px(LABEL_WIDTH))
        self._label.setWordWrap(True)
        explain(field, place)
        field.setObjectName(key)
        field.setAccessibleName(text.label)
        field.setWhatsThis(text.tip)
        self._note.hide()
        self.show_reason("")

        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(0 if is_wide else px(LABEL_GAP))
        layout.setVerticalSpacing(px(2))
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._label, 0, 2 if is_wide else 0)
        layout.addWidget(field, 0, 1)
        layout.addWidget(self._note, 1, 1, 1, 2 if is_wide else 1)

        self._label.guide_requested.connect(self.guide_requested)
        field.edited.connect(self._on_edited)

    @property
    def label(self) -> str:
        """The label of the field."""
        return self._text.label

    @property
    def problem(self) -> str:
        """The problem that is shown; empty if there is none."""
        return "" if self._note.isHidden() else self._note.text()

    def show_reason(self, reason: str) -> None:
        """Set the tooltip: the explanation of the field, after the reason why it cannot be edited."""
        plain = f"{self._text.label}: {reason}. {self._text.tip}" if reason else self._text.tip
        tip = "\n".join(filter(None, (sentence(reason), self._text.tip)))
        self.field.setToolTip(wrapped(tip))
        more = self.tr("Click, or press F1 in the field: the guide explains it.")
        self._label.setToolTip(wrapped(f"{tip}\n{more}"))
        self.field.setAccessibleDescription(plain)

    def set_editable(self, *, is_allowed: bool, is_locked: bool) -> None:
        """Enable or disable the field; a locked one looks the same, but cannot be edited."""
        self.field.setEnabled(is_allowed and not is_locked)
        set_style_property(self.field, "locked", is_on=is_allowed and is_locked)
        # Enabled, so that a click explains a field that cannot be edited.
        set_style_property(self._label, "faint", is_on=not is_allowed)

    def show_problem(self, problem: str) -> None:
        """Mark the field and show a problem below it; an empty one clears both."""
        self._note.setText(f"{self.label}: {problem}" if problem else "")
        self._note.setVisible(bool(problem))
        set_style_property(self.field, "problem", is_on=bool(problem))

    def show_changed(self, *, is_changed: bool) -> None:
        """Highlight a field that differs from the recipe."""
        set_style_property(self._label, "changed", is_on=is_changed)
        if isinstance(self.field, FlagField):
            set_style_property(self.field, "changed", is_on=is_changed)

    @Slot()
    def _on_edited(self) -> None:
        self.edited.emit(self.key)


def note_label() -> QLabel:
    """Return a label in the colour of warnings that wraps to any width."""
    note = QLabel()
    note.setProperty("role", "note")
    note.setWordWrap(True)
    note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return note


def set_style_property(widget: QWidget, name: str, *, is_on: bool) -> None:
    """Set a property that the style sheet uses."""
    if bool(widget.property(name)) != is_on:
        widget.setProperty(name, is_on)
        widget.style().unpolish(widget)
        widget.style().polish(widget)

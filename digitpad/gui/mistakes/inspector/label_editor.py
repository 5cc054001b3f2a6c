"""Marks a sample's label as wrong, with the right label and a note."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from digitpad.core.datasets.suspect_labels import MAX_NOTE
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import ChoiceField

if TYPE_CHECKING:  # it would bring torch
    from digitpad.core.evaluation.samples import Sample

_UNKNOWN = ""
# The content of a mark: the right label, and a note.
_Mark = tuple[int | None, str]


class LabelEditor(QWidget):
    """A checkbox, and below it the right label and a note. Every finished edit emits a request."""

    mark_requested = Signal(object, object, str)  # a Sample, int or None, the note
    unmark_requested = Signal(object)  # a Sample

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample: Sample | None = None
        self._mark: _Mark | None = None  # as last shown or requested; None if it is not marked
        self.checkbox = QCheckBox(self.tr("Mark label as wrong"))
        self._details = QWidget()
        caption = QLabel(self.tr("Should be"))
        self.choice = ChoiceField({_UNKNOWN: "?", **{str(digit): str(digit) for digit in range(10)}})
        self.note = QLineEdit()
        caption.setBuddy(self.choice)
        self.checkbox.setToolTip(
            self.tr("Training and this tab can leave out marked samples; the data set is not changed.")
        )
        self.choice.setAccessibleName(self.tr("Right label"))
        self.choice.setMinimumContentsLength(1)
        self.choice.setFixedWidth(px(64))
        self.note.setAccessibleName(self.tr("Note about the label"))
        self.note.setPlaceholderText(self.tr("Note"))
        self.note.setMaxLength(MAX_NOTE)
        self._details.hide()

        hbox(caption, self.choice, (self.note, 1), parent=self._details, spacing=8, margins=(0, 4, 0, 0))
        vbox(self.checkbox, self._details, parent=self, spacing=0)

        self.checkbox.clicked.connect(self._on_ticked)
        self.choice.edited.connect(self._on_edited)
        self.note.editingFinished.connect(self._on_edited)

    def show_sample(self, sample: "Sample | None") -> None:
        """Show the mark of another sample; first finish a note that is being written."""
        if _is_same(sample, self._sample):
            is_writing = self.note.isModified() and self.window().focusWidget() is self.note
            if not is_writing:
                self._fill(sample)  # saving the fields may have failed
            self._sample = sample
            return
        self._on_edited()
        self._sample = sample
        self._fill(sample)

    def _fill(self, sample: "Sample | None") -> None:
        mark = sample.mark if sample else None
        self._mark = (mark.corrected, mark.note) if mark else None
        corrected, note = self._mark or (None, "")
        self.checkbox.setChecked(mark is not None)
        self._details.setVisible(mark is not None)
        if sample:
            problem = self.tr("This is the current label.")
            # An old mark with the same label is still shown.
            self.choice.show_problems({str(sample.label): problem} if corrected != sample.label else {})
        self.choice.show_raw(_UNKNOWN if corrected is None else str(corrected))
        if self.note.text() != note:
            self.note.setText(note)
        self.note.setModified(False)

    @Slot(bool)
    def _on_ticked(self, is_wrong: bool) -> None:
        self._details.setVisible(is_wrong)
        if is_wrong:
            self._on_edited()
        elif self._sample is not None:
            self._mark = None
            self.note.setModified(False)
            self.unmark_requested.emit(self._sample)

    @Slot()
    def _on_edited(self) -> None:
        raw = self.choice.raw
        mark = (int(raw) if raw else None, self.note.text().strip())
        if self._sample is None or not self.checkbox.isChecked() or mark == self._mark:
            return
        self._mark = mark
        self.note.setModified(False)
        self.mark_requested.emit(self._sample, *mark)


def _is_same(one: "Sample | None", other: "Sample | None") -> bool:
    """Return whether it is the same sample, even if its mark has changed."""
    if one is None or other is None:
        return one is other
    same_place = (one.part, one.number, one.label) == (other.part, other.number, other.label)
    return same_place and one.image.shape == other.image.shape and bool((one.image == other.image).all())

"""A look at the user's own data before it is used: samples, counts for each label, and what is unusual about it."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QProgressBar, QSizePolicy, QWidget

from digitpad.core.datasets.preview import Preview
from digitpad.core.images.set_options import Options, split_options
from digitpad.gui.accessibility.motion import show_busy
from digitpad.gui.datasets.preview_painting import LabelBars, SampleSheet
from digitpad.gui.help.term_label import explain
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.scroll_column import scroll_area
from digitpad.gui.widgets.sentences import sentence

_WIDTH = 36  # in heights of a line of text
_MOST_BARS = 20  # of a set of letters; the others are cut off
_MARGIN = 16


class PreviewDialog(QDialog):
    """Shows how far the reading is; then 16 samples and the counts of the data set, and asks how to read it."""

    chosen = Signal(str)  # the data set with its options

    def __init__(self, dataset: str, parent: QWidget | None = None, *, needs_training: bool = False) -> None:
        """Show that a data set is being read; one without training samples is of no use if it `needs_training`."""
        super().__init__(parent)
        explain(self, "files#data")
        self._name, self._given = split_options(dataset)
        self._needs_training = needs_training
        self._preview: Preview | None = None
        self._title, self._what = QLabel(Path(self._name).name), QLabel(self.tr("The data is being read…"))
        self._progress, self._content = QProgressBar(), QWidget()
        self.sheet, self.bars = SampleSheet(), LabelBars()
        self._notes, self._problem = QLabel(), QLabel()
        self.invert = QCheckBox(self.tr("Invert: dark on light becomes light on dark"))
        self.ten_is_zero = QCheckBox(self.tr("The label 10 means the digit 0"))
        self.transpose = QCheckBox(self.tr("Swap rows and columns"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = self.buttons.addButton(self.tr("Use this data"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()

        for box in (self.invert, self.ten_is_zero, self.transpose):
            box.toggled.connect(self._refresh)
        self.buttons.accepted.connect(self._on_use)
        self.buttons.rejected.connect(self.reject)

    @property
    def options(self) -> Options:
        """How the data is read."""
        return Options(
            self.invert.isChecked(), self.transpose.isChecked(), self.ten_is_zero.isChecked(), self._given.seed
        )

    @property
    def is_reading(self) -> bool:
        """Whether there is nothing to see yet."""
        return self._preview is None

    @property
    def progress(self) -> float:
        """How far the reading is, 0 to 1; 0 if it is not known."""
        return max(0, self._progress.value()) / 1000

    @property
    def what(self) -> str:
        """What the data is, a sentence."""
        return self._what.text()

    @property
    def notes(self) -> str:
        """What is unusual about the data, a line each."""
        return self._notes.text()

    @property
    def problem(self) -> str:
        """Why it cannot be used as it is read now, or ""."""
        return self._problem.text()

    @Slot(int, int)
    def show_progress(self, done: int, total: int) -> None:
        """Show how far the reading is; a total of 0 is not known."""
        self._progress.setRange(0, 1000 if total else 0)
        self._progress.setValue(round(1000 * min(done / total, 1)) if total else 0)

    def show_preview(self, preview: Preview) -> None:
        """Show what was read."""
        self._preview, suggested = preview, preview.summary.suggested
        self._what.setText(sentence(preview.summary.what))
        self.bars.show_counts(_shown_counts(preview))
        self.invert.setChecked(suggested.invert or self._given.invert)
        self.ten_is_zero.setChecked(suggested.ten_is_zero)
        self.transpose.setChecked(self._given.transpose)
        self.invert.setVisible(preview.takes_options)
        self.transpose.setVisible(preview.takes_options)
        self.ten_is_zero.setVisible(suggested.ten_is_zero)
        self._progress.hide()
        self.use.show()
        self._refresh()
        self.use.setFocus()

    def _lay_out(self) -> None:
        self.setWindowTitle(self.tr("Look at the data"))
        self._title.setProperty("role", "title")
        self._notes.setProperty("role", "hint")
        self._problem.setProperty("role", "note")
        for label in (self._title, self._what, self._notes, self._problem):
            label.setTextFormat(Qt.TextFormat.PlainText)  # names and labels come from files
            label.setWordWrap(True)
        show_busy(self._progress)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Reading"))
        self.use.setDefault(True)
        self.use.hide()
        headings = QLabel(self.tr("As the model gets them")), QLabel(self.tr("Samples of each label"))
        for heading in headings:
            heading.setProperty("role", "name")
        left = vbox(headings[0], self.sheet, None, spacing=6)
        right = vbox(headings[1], self.bars, self.invert, self.ten_is_zero, self.transpose, None, spacing=6)
        vbox(
            (hbox(left, (right, 1), spacing=24), 1), self._notes, self._problem,
            parent=self._content, spacing=10,
        )  # fmt: skip
        self._area = scroll_area(self._content)
        self._area.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        vbox(
            self._title, self._what, self._progress, (self._area, 1), self.buttons,
            parent=self, spacing=10, margins=(_MARGIN,) * 4,
        )  # fmt: skip
        self._area.hide()
        self.ensurePolished()  # the style sheet changes the font
        self.setMinimumWidth(_WIDTH * self.fontMetrics().height())

    def _fit(self) -> None:
        """Make room for all there is, if the screen has it; otherwise the content scrolls."""
        self._area.show()
        room, layout, outer = self.screen().availableGeometry(), self._content.layout(), self.layout()
        if layout is None or outer is None:
            return
        width = max(layout.minimumSize().width(), self.minimumWidth() - 2 * _MARGIN)
        height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        self._area.setMinimumSize(min(width, room.width() * 3 // 4), min(height, room.height() * 2 // 3))
        width = max(self.width(), width + 2 * _MARGIN)
        self._what.setMinimumHeight(self._what.heightForWidth(width - 2 * _MARGIN))
        outer.activate()
        self.resize(width, outer.totalHeightForWidth(width))
        layout.invalidate()  # it was made in a hidden area, and Qt would keep its places
        layout.activate()

    @Slot()
    def _refresh(self) -> None:
        if self._preview is None:
            return
        options = self.options
        images, labels = self._preview.shown(options)
        self.sheet.show_samples(images, labels.tolist())
        self._notes.setText("\n".join(map(sentence, self._preview.summary.notes(options))))
        self._notes.setVisible(bool(self._notes.text()))
        self._problem.setText(sentence(self._preview.problem(options, needs_training=self._needs_training)))
        self._problem.setVisible(bool(self._problem.text()))
        self.use.setEnabled(not self._problem.text())
        self._fit()

    @Slot()
    def _on_use(self) -> None:
        if self._preview is not None:
            self.chosen.emit(f"{self._name}{self.options.text}")
            self.accept()


def _shown_counts(preview: Preview) -> dict[int, int]:
    """Return the number of samples of each label in the files and of each digit that is missing."""
    counts = {**dict.fromkeys(preview.summary.missing, 0), **preview.summary.counts}
    return {label: counts[label] for label in sorted(counts)[:_MOST_BARS]}

"""The choice of models and data whose mistakes are shown."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from digitpad.core.datasets.loading import GATES
from digitpad.core.evaluation.sample_filter import Comparison
from digitpad.core.evaluation.samples import PartChoice, has_raw_pixels, part_choices
from digitpad.core.images.idx_sets import Part
from digitpad.gui.datasets.dataset_picker import DatasetPicker, DatasetStateLike
from digitpad.gui.mistakes.model_choices import ModelOption
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.combo_box import SHORT_TEXT, ChoiceField, ComboBox

_LABEL_WIDTH = 96
# Ends the key of a part of which only the images of the training are evaluated.
AS_TRAINED = "-as-trained"


class SourcePicker(QWidget):
    """Choices of model, data, comparison and filter; emits the user's choices, and never changes by itself."""

    model_chosen = Signal(str)
    second_model_chosen = Signal(str)
    comparison_chosen = Signal(object)
    dataset_chosen = Signal(str)
    part_chosen = Signal(str)
    pixels_chosen = Signal(bool)  # whether they are from 0 to 255
    file_requested = Signal()  # a model file
    suspects_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self.second_model, self.comparison = ComboBox(), ComboBox(), ChoiceField({})
        self.dataset = DatasetPicker()
        self.part, self.pixels, self._note = ChoiceField(self._part_titles()), ComboBox(), QLabel()
        self.suspects = QCheckBox()
        self._comparison_label, self._pixels_label = QLabel(self.tr("Filter")), QLabel(self.tr("Pixels"))
        for models in (self.model, self.second_model):
            models.elide_mode = Qt.TextElideMode.ElideMiddle  # the epoch is at the end
        self._chosen = 0  # the model's place in its list

        self._lay_out()
        self.show_suspects(0, left_out=False)

        self.model.edited.connect(self._on_model)
        self.second_model.edited.connect(self._on_second_model)
        self.comparison.edited.connect(self._on_comparison)
        self.dataset.edited.connect(self._on_dataset)
        self.part.edited.connect(self._on_part)
        self.pixels.edited.connect(self._on_pixels)
        self.suspects.clicked.connect(self.suspects_toggled)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(6))
        filter_tip = self.tr("Show and count only samples that the two models answer like this")
        rows: tuple[tuple[QLabel, QComboBox, str], ...] = (
            (QLabel(self.tr("Model")), self.model, self.tr("The model whose predictions are shown")),
            (QLabel(self.tr("Data")), self.dataset, self.tr("The data set of the samples")),
            (
                QLabel(self.tr("Part")),
                self.part,
                self.tr("Images to test with, or images that the model was trained on"),
            ),
            (self._pixels_label, self.pixels, self.tr("The range of the pixels that the model gets")),
            (QLabel(self.tr("Compare with")), self.second_model, self.tr("A second model")),
            (self._comparison_label, self.comparison, filter_tip),
        )
        for row, (label, field, tip) in enumerate(rows):
            label.setProperty("role", "field")
            label.setFixedWidth(px(_LABEL_WIDTH))
            label.setWordWrap(True)
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            field.setToolTip(tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self._comparison_label.hide()
        self.comparison.hide()
        grid.addWidget(self.suspects, len(rows), 0, 1, 2)
        self._note.setProperty("role", "hint")
        self._note.setWordWrap(True)
        grid.addWidget(self._note, len(rows) + 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)

    def show_models(self, offered: Sequence[ModelOption], chosen: str, second_model: str) -> None:
        """List the models; the first list ends with "no model", the second begins with "no comparison"."""
        _fill(self.model, offered, chosen, last=self.tr("No model, labels only"))
        self.model.addItem(self.tr("Open a model file…"))
        self._chosen = self.model.currentIndex()
        others = [model for model in offered if model.key != chosen]
        _fill(self.second_model, others, second_model, first=self.tr("No comparison"))

    def show_comparison(self, first: str, second: str, comparison: Comparison) -> None:
        """Set the filters for two models, by name; hide them where there is only one."""
        titles = {
            Comparison.ALL: self.tr("All samples"),
            Comparison.DISAGREE: self.tr("Different predictions"),
            Comparison.ONLY_FIRST_WRONG: self.tr("Only {} wrong").format(first),
            Comparison.ONLY_SECOND_WRONG: self.tr("Only {} wrong").format(second),
            Comparison.BOTH_WRONG: self.tr("Both wrong"),
            Comparison.BOTH_RIGHT: self.tr("Both right"),
        }
        self.comparison.clear()
        for key, title in titles.items() if second else ():
            self.comparison.addItem(title, key.value)
        self.comparison.setCurrentIndex(self.comparison.findData(comparison.value))
        for widget in (self.comparison, self._comparison_label):
            widget.setVisible(bool(second))

    def show_data(self, dataset: str, states: Mapping[str, DatasetStateLike]) -> None:
        """Show the chosen data set, and which ones are installed."""
        self.dataset.show_raw(dataset)
        self.dataset.show_states(states)

    def show_part(self, dataset: str, part: PartChoice, counts: Mapping[Part, int], *, as_trained: bool) -> None:
        """Show which samples are evaluated; `counts`: of the parts that the training of the model had fewer of."""
        self.part.clear()
        if len(part_choices(dataset)) == 1:
            self.part.addItem(self.tr("All four points") if dataset in GATES else self.tr("All images"), "test")
        else:
            for key, title in self._part_titles().items():
                self.part.addItem(title, key)
            first = {
                "test": self.tr("Test, first {:,} (as in the training)"),
                "train": self.tr("Training, first {:,} (as in the training)"),
            }
            for key, count in counts.items():
                self.part.insertItem(self.part.findData(key), first[key].format(count), f"{key}{AS_TRAINED}")
        key = f"{part}{AS_TRAINED}" if as_trained and part in counts else part
        self.part.setCurrentIndex(max(0, self.part.findData(key)))
        self.part.setEnabled(self.part.count() > 1)

    def show_pixels(self, dataset: str, *, raw: bool, has_model: bool) -> None:
        """Show the range of the pixels that the model gets; hide the choice if there is none."""
        self.pixels.clear()
        self.pixels.addItem(self.tr("0–1 (as in the training)"), False)
        self.pixels.addItem("0–255", True)
        self.pixels.setCurrentIndex(int(raw))
        for widget in (self.pixels, self._pixels_label):
            widget.setVisible(has_raw_pixels(dataset) and has_model)

    @property
    def note(self) -> str:
        """What to know about the chosen images, or empty."""
        return self._note.text()

    def show_note(self, text: str) -> None:
        """Show what to know about the chosen images; empty hides it."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def show_suspects(self, count: int, *, left_out: bool) -> None:
        """Show how many labels are marked, and whether these samples are left out."""
        self.suspects.setChecked(left_out)
        self.suspects.setEnabled(count > 0 or left_out)
        self.suspects.setText(self.tr("Leave out suspect labels ({:,})").format(count))
        self.suspects.setToolTip(
            self.tr("Leave out samples whose label you marked as wrong. Training can leave them out too.")
        )

    def _part_titles(self) -> dict[str, str]:
        return {
            "test": self.tr("Test images"),
            "train": self.tr("Training images"),
            "all": self.tr("Training and test"),
        }

    @Slot()
    def _on_model(self) -> None:
        if self.model.currentData() is None:
            self.model.setCurrentIndex(self._chosen)
            self.file_requested.emit()
        else:
            self.model_chosen.emit(self.model.currentData())

    @Slot()
    def _on_second_model(self) -> None:
        self.second_model_chosen.emit(self.second_model.currentData())

    @Slot()
    def _on_comparison(self) -> None:
        self.comparison_chosen.emit(Comparison(self.comparison.raw))

    @Slot()
    def _on_dataset(self) -> None:
        self.dataset_chosen.emit(self.dataset.raw)

    @Slot()
    def _on_pixels(self) -> None:
        self.pixels_chosen.emit(self.pixels.currentData())

    @Slot()
    def _on_part(self) -> None:
        self.part_chosen.emit(self.part.raw)


def _fill(field: ComboBox, offered: Sequence[ModelOption], chosen: str, *, first: str = "", last: str = "") -> None:
    field.clear()
    if first:
        field.addItem(first, "")
    group = ""
    for model in offered:
        if model.group != group:
            group = model.group
            field.add_heading(group)
        field.addItem(model.title, model.key)
        field.setItemData(field.count() - 1, model.model.name, SHORT_TEXT)
    if last:
        field.insertSeparator(field.count())
        field.addItem(last, "")
    field.setCurrentIndex(max(0, field.findData(chosen)))

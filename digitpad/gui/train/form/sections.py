"""The sections of the training form: the essential fields, and those below "More"."""

from collections.abc import Mapping

from PySide6.QtWidgets import QLabel, QWidget

from digitpad.core.translation import tr
from digitpad.gui.datasets.dataset_picker import DatasetPicker
from digitpad.gui.train.form.fields import BatchField, CountField, FlagField, RawField, TextField
from digitpad.gui.train.form.help_texts import choice_texts, field_texts
from digitpad.gui.train.form.row import FormRow
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, FIELDS, SLIP_KEYS
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.combo_box import ChoiceField

DATA = ("dataset",)
MODEL = ("engine", "model.kind", "model.hidden", "model.channels", "model.convolutions", "model.dense")
TRAINING = tuple(f"training.{name}" for name in ("loss", "optimizer", "learning_rate", "batch_size", "epochs"))
ADVANCED_MODEL = ("activation", "output", "initial", "bias", "dropout", "normalisation.mean", "normalisation.std")
ADVANCED_STEPS = (
    *("schedule", "momentum", "nesterov", "weight_decay", "label_smoothing", "average"),
    *("shuffle", "drop_last"),
)
ADVANCED_RUN = ("patience", "train_figures", "report_every", "precision", "device", "seed", "stream")
# The fields of each control that a lesson may leave. It may also leave the recipe, and "more".
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "data": DATA,
    "model": MODEL,
    **{key.removeprefix("training.").replace("_", "-"): (key,) for key in TRAINING},
}
_WIDE = ("leave_out_suspects", AUGMENTATION, *SLIP_KEYS)


class Group(QWidget):
    """Rows with a heading; hidden while all rows are hidden."""

    def __init__(self, heading: str, role: str, rows: list[FormRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        title = QLabel(heading)
        title.setProperty("role", role)
        self.column = vbox(title, *rows, parent=self, spacing=8)

    def refresh(self) -> None:
        """Hide the group if all rows are hidden."""
        self.setVisible(any(not row.isHidden() for row in self.rows))


def make_rows() -> dict[str, FormRow]:
    """Return a row for every field, by key."""
    texts, choices = field_texts(), choice_texts()
    fields = {key: _field(key, texts[key].label, texts[key].placeholder, choices.get(key, {})) for key in FIELDS}
    return {key: FormRow(key, texts[key], field, is_wide=key in _WIDE) for key, field in fields.items()}


def advanced_groups() -> dict[str, tuple[str, ...]]:
    """Return the heading and the fields of each group below "More"."""
    return {
        tr("Images"): ("train_first", "test_first", "leave_out_suspects", AUGMENTATION, *DISTORTIONS),
        tr("Model"): tuple(f"model.{name}" for name in ADVANCED_MODEL),
        tr("Optimisation"): tuple(f"training.{name}" for name in ADVANCED_STEPS),
        tr("Run"): tuple(f"training.{name}" for name in ADVANCED_RUN),
        tr("Published errors"): SLIP_KEYS,
    }


def _field(key: str, label: str, placeholder: str, choices: Mapping[str, str]) -> RawField:
    kind = FIELDS[key].kind
    if key == "dataset":
        return DatasetPicker()
    if kind == "choice":
        return ChoiceField(choices)
    if kind == "flag":
        return FlagField(label)
    if kind == "batch":
        return BatchField()
    return CountField() if kind == "count" else TextField(placeholder)

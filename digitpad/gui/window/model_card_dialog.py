"""The dialog with a model's card; the card of a user's model comes from its training record."""

from collections.abc import Callable
from string import punctuation

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from digitpad.core.files.paths import ASSETS
from digitpad.core.fine_tuning.events import Score
from digitpad.core.fine_tuning.fine_tuned_models import FineTuneRecord, fine_tune_record
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import ModelCard, ModelEntry, display_name
from digitpad.core.translation import Percent, percent, tr_markdown
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px, resize_window


class ModelCardDialog(QDialog):
    """Shows a model's card; its text can be selected and copied."""

    def __init__(self, entry: ModelEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "draw#models")
        self.setWindowTitle(self.tr("About {}").format(display_name(entry)))
        resize_window(self, 640, 560)
        self.text = QTextBrowser()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.text.setMarkdown(card_text(entry, self.tr))
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.windowTitle())

        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(16), px(16), px(16), px(16))
        layout.setSpacing(px(12))
        layout.addWidget(self.text)
        layout.addWidget(buttons)

        buttons.rejected.connect(self.reject)


def card_text(entry: ModelEntry, tr: Callable[[str], str]) -> str:
    """Return a model's card as Markdown."""
    path = ASSETS / "models" / f"{entry.path.stem}.md"
    if entry.is_shipped and path.is_file():
        return tr_markdown(path.read_text(encoding="utf-8"))
    card, record = entry.card, fine_tune_record(entry.card)
    facts = {
        **(_facts_of_training(card, tr) if record is None else _facts_of_fine_tuning(record, tr)),
        tr("File"): str(entry.path),
        tr("Made with"): ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    lines = [f"- {name}: {_plain(fact)}" for name, fact in facts.items() if fact]
    return "\n".join((f"# {_plain(display_name(entry))}", "", *lines))


def _facts_of_training(card: ModelCard, tr: Callable[[str], str]) -> dict[str, str]:
    return {
        tr("Recipe"): tr(card.title),
        tr("Measured on"): display_part_name(card.dataset),
        tr("Accuracy"): "" if card.test_accuracy is None else percent(card.test_accuracy, 2),
        tr("Loss"): "" if card.test_loss is None else f"{card.test_loss:.4f}",
        tr("Epochs"): "" if card.epochs is None else f"{card.epochs:,}",
    }


def _facts_of_fine_tuning(record: FineTuneRecord, tr: Callable[[str], str]) -> dict[str, str]:
    before, after = record.before, record.after
    return {
        tr("Base model"): record.made_from,
        tr("Fine-tuned on"): tr("{:,} of your digits").format(record.digit_count),
        tr("Accuracy on your held-out digits"): _change(before.my_digits, after.my_digits, tr),
        tr("Accuracy on MNIST's test images"): _change(before.mnist, after.mnist, tr),
        tr("Remarks"): " ".join(f"{note}." for note in record.notes),
    }


def _change(before: Score | None, after: Score | None, tr: Callable[[str], str]) -> str:
    if before is None or after is None:
        return tr("not measured")
    return tr("{:.2%} before, {:.2%} after ({:,} digits)").format(
        Percent(before.accuracy), Percent(after.accuracy), after.count
    )


def _plain(text: str) -> str:
    """Escape a text that came from a file: Markdown may contain HTML and pictures."""
    return "".join(f"\\{letter}" if letter in punctuation else letter for letter in text)

"""The column beside the user's digits: counts, the accuracy of the models, import and export."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.confusion.label_histogram import LabelCountModel, LabelHistogram
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot, digit_count_text
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import add_space, hbox
from digitpad.gui.widgets.wrapping_button import WrappingButton

if TYPE_CHECKING:
    from digitpad.core.evaluation.sample_filter import Cell
    from digitpad.core.my_digits.store import ModelAccuracy


class MyDigitsSummary(QWidget):
    """Shows counts and accuracies; emits which labels to show, and requests to import or export."""

    labels_chosen = Signal(object)  # frozenset of labels; empty for all
    import_file_requested = Signal()
    import_folder_requested = Signal()
    export_requested = Signal(str)  # "ink", "pictures" or "idx"
    backup_requested = Signal()
    teach_requested = Signal()

    def __init__(self, section: QWidget, parent: QWidget | None = None) -> None:
        """Show `section` between the accuracies and the buttons."""
        super().__init__(parent)
        self._count = QLabel()
        self._import, self._export = QPushButton(self.tr("Import…")), QPushButton(self.tr("Export…"))
        self._counts = LabelCountModel(self)
        self.counts = LabelHistogram(self._counts)
        self._accuracy_title, self._accuracies = QLabel(self.tr("Accuracy when drawn")), QWidget()
        self._count.setProperty("role", "title")
        self._accuracy_title.setProperty("role", "title")
        self._accuracy_title.setToolTip(
            self.tr("How often the first answer of each model was the label; answers that you confirmed count too.")
        )
        self.counts.setToolTip(self.tr("Click a digit to show only its drawings"))

        self.teach = WrappingButton(self.tr("Draw 0 to 9, three times each"))
        buttons = hbox((self._import, 1), (self._export, 1), spacing=8)
        rows = QGridLayout(self._accuracies)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(px(12))
        rows.setVerticalSpacing(px(4))
        rows.setColumnStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        for widget in (self._count, self.counts, self.teach):
            layout.addWidget(widget)
        add_space(layout, 8)
        layout.addWidget(self._accuracy_title)
        layout.addWidget(self._accuracies)
        add_space(layout, 8)
        layout.addWidget(section)
        layout.addLayout(buttons)

        self._import.setMenu(self._import_menu())
        self._export.setMenu(self._export_menu())
        self.teach.clicked.connect(self.teach_requested)
        self.counts.cells_requested.connect(self._on_cells_requested)

    @property
    def count(self) -> str:
        """The number of digits, as text."""
        return self._count.text()

    @property
    def accuracies(self) -> list[str]:
        """The accuracy of each model: "CNN 96.4 %, 80 of 83 right"."""
        return [label.text() for label in self._accuracies.findChildren(QLabel) if label.text()]

    def show_digits(self, snapshot: MyDigitsSnapshot, names: Mapping[str, str]) -> None:
        """Show the counts and accuracies; `names` maps stored model names to the names to show."""
        self._count.setText(digit_count_text(len(snapshot), self.tr))
        self._counts.show_counts(snapshot.counts)
        self._export.setEnabled(len(snapshot) > 0)
        self.teach.setVisible(len(snapshot) > 0)  # without digits a page in their place has this button
        self._show_accuracies(snapshot.accuracies, names)

    def show_labels(self, labels: frozenset[int]) -> None:
        """Show which labels are chosen."""
        self.counts.show_cells(frozenset((label, predicted) for label in labels for predicted in range(CLASSES)))

    def _show_accuracies(self, accuracies: "Sequence[ModelAccuracy]", names: Mapping[str, str]) -> None:
        rows = self._accuracies.layout()
        assert isinstance(rows, QGridLayout)  # noqa: S101 - its constructor gave it one
        while (item := rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        self._accuracy_title.setVisible(bool(accuracies))
        self._accuracies.setVisible(bool(accuracies))
        for row, accuracy in enumerate(sorted(accuracies, key=_by_count)):
            name = names.get(accuracy.model, accuracy.model)
            rows.addWidget(self._accuracy_line(name, accuracy), row, 0)

    def _accuracy_line(self, name: str, accuracy: "ModelAccuracy") -> QLabel:
        share = f"{100 * accuracy.share:.1f}"
        text = self.tr("{} {}\u00a0%, {:,} of {:,} right").format(name, share, accuracy.right, accuracy.asked)
        label = QLabel(text)
        use_tabular_font(label, CAPTION)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def _import_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Ink, table, IDX file or backup…")).triggered.connect(self.import_file_requested)
        menu.addAction(self.tr("Folder of pictures or IDX files…")).triggered.connect(self.import_folder_requested)
        return menu

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        for kind, title in {
            "ink": self.tr("Strokes as an ink file…"),
            "pictures": self.tr("Folder of PNGs with CSV…"),
            "idx": self.tr("IDX files, like MNIST…"),
        }.items():
            menu.addAction(title).setData(kind)
        menu.addSeparator()
        menu.addAction(self.tr("Back up…")).triggered.connect(self.backup_requested)
        menu.triggered.connect(self._on_export)
        return menu

    @Slot(QAction)
    def _on_export(self, action: QAction) -> None:
        if kind := action.data():  # a backup has none
            self.export_requested.emit(kind)

    @Slot(object)
    def _on_cells_requested(self, cells: "frozenset[Cell]") -> None:
        self.labels_chosen.emit(frozenset(label for label, _ in cells))


def _by_count(accuracy: "ModelAccuracy") -> tuple[int, str]:
    return -accuracy.asked, accuracy.model

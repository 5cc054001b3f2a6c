"""The window "Layer by layer": it follows the drawing on the pad, or the selected sample."""

from typing import cast

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton, QStackedWidget, QTabWidget, QWidget

from digitpad.core.evaluation.layer_rows import Engine, FollowedImage, LayerRow
from digitpad.core.evaluation.sample_filter import sample_title
from digitpad.core.images.digits import CLASSES
from digitpad.gui.help.term_label import explain
from digitpad.gui.inside.inside_panel import InsidePanel
from digitpad.gui.layers.engine_check import EngineCheck
from digitpad.gui.layers.layer_table import LayerTable
from digitpad.gui.layers.numbers_view import NumbersView
from digitpad.gui.session.layer_tracing import LayerTracing
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.scaling import px, resize_window
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import ChoiceField, ComboBox
from digitpad.gui.widgets.elided_label import ElidedLabel
from digitpad.gui.widgets.empty_page import EmptyPage
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.splitter import Splitter

_PREDICTED = ""
_FIELD_WIDTH = 280
# Room for a matrix of 28x28 pixels beside the layers, with their pictures as narrow as they can be.
_PIXELS_SIZE = QSize(1252, 760)


class LayerWindow(QDialog):
    """Not modal: the pad and the samples can be used beside it. Esc closes it; it remembers its size."""

    def __init__(self, tracing: LayerTracing, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "mistakes#layers")
        self._tracing, self._settings = tracing, settings
        self._followed: FollowedImage | None = None
        self._title, self._answer = ElidedLabel(), FastLabel()
        self.engine = ChoiceField({"torch": self.tr("PyTorch"), "numpy": self.tr("NumPy engine")})
        digits = {str(digit): self.tr("Label: {}").format(digit) for digit in range(CLASSES)}
        self.label = ChoiceField({_PREDICTED: self.tr("Label: as predicted"), **digits})
        self.dropout, self.draw_again = QCheckBox(self.tr("Dropout")), QPushButton(self.tr("Draw again"))
        self.layers, self.numbers = LayerTable(), NumbersView()
        self.tables = ComboBox()
        self.copy_button = QPushButton(self.tr("Copy"))
        self.empty, self.pages, self.tabs = EmptyPage(), QStackedWidget(), QTabWidget()
        self.inside = InsidePanel(tracing.inside, can_close=False)
        self.check = EngineCheck()
        self._splitter = Splitter(Qt.Orientation.Horizontal, self.tr("Divider between layers and numbers"), 12)
        self.setWindowTitle(self.tr("Layer by layer"))
        self._title.setProperty("role", "title")
        self._answer.setProperty("role", "muted")
        self.engine.setAccessibleName(self.tr("Engine"))
        self.engine.setToolTip(
            self.tr(
                "What computes the layers. The NumPy engine has the errors of the recipe's tutorial, which change the "
                "gradients"
            )
        )
        self.label.setAccessibleName(self.tr("Label of the drawing"))
        self.label.setToolTip(self.tr("The digit that the drawing should be: the loss and its gradients are for it"))
        self.dropout.setToolTip(self.tr("As in training: some units are dropped at random, and the others scaled up"))
        self.draw_again.setToolTip(self.tr("Draw anew which units are dropped"))
        self.tables.setAccessibleName(self.tr("Which numbers"))
        self.empty.set_content(self.tr("Computing the layers…"), "")
        for button in (self.copy_button, self.draw_again, self.empty.action):
            button.setAutoDefault(False)

        self._lay_out()

        self.engine.edited.connect(self._on_engine_edited)
        self.label.edited.connect(self._on_label_edited)
        self.dropout.clicked.connect(self._on_dropout_clicked)
        self.draw_again.clicked.connect(tracing.draw_dropout)
        self.layers.row_selected.connect(self._on_row_selected)
        self.tables.edited.connect(self._show_table)
        self.copy_button.clicked.connect(self.numbers.copy_all)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        tracing.subject_changed.connect(self._on_subject_changed)
        tracing.followed.connect(self._on_followed)
        tracing.problem_found.connect(self._on_problem_found)

        self._on_subject_changed()

    def _lay_out(self) -> None:
        numbers = QWidget()
        vbox(hbox((self.tables, 1), self.copy_button, spacing=8), (self.numbers, 1), parent=numbers, spacing=8)
        splitter = self._splitter
        splitter.addWidget(self.layers)
        splitter.addWidget(numbers)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        legend = QLabel(self.tr("Blue is above 0, orange below; each picture has a scale of its own"))
        legend.setProperty("role", "caption")
        sample, choices = QWidget(), hbox(self.engine, self.label, self.dropout, self.draw_again, None, spacing=8)
        for field in (self.engine, self.label):
            field.setMinimumContentsLength(14)
            field.setMaximumWidth(px(_FIELD_WIDTH))
        vbox(self._title, self._answer, choices, (splitter, 1), legend, parent=sample, spacing=8, margins=(0, 12, 0, 0))
        self.pages.addWidget(self.empty)
        self.pages.addWidget(sample)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.pages, self.tr("Image"))
        self.tabs.addTab(self.check, self.tr("Check the NumPy engine"))
        self.tabs.addTab(self.inside, self.tr("Inside"))
        vbox(self.tabs, parent=self, margins=(16, 8, 16, 12))
        self.setMinimumSize(px(640), px(420))
        if not self.restoreGeometry(self._settings.layers_geometry):
            resize_window(self, 1080, 720)

    @property
    def answer(self) -> str:
        """The line about prediction and label."""
        return self._answer.text()

    @property
    def title(self) -> str:
        """What is followed, and through which model."""
        return self._title.text()

    def show_layers(self) -> None:
        """Show the layers, with room for their pictures."""
        self.tabs.setCurrentIndex(0)
        if self.layers.width() <= self.layers.minimumWidth():
            self._splitter.setSizes([self.layers.sizeHint().width(), self.width() - self.layers.sizeHint().width()])

    def show_inside(self) -> None:
        """Show the network for the image."""
        self.tabs.setCurrentWidget(self.inside)

    def show_pixels(self) -> None:
        """Show the numbers of the pixels, all of them if the screen has room."""
        self.tabs.setCurrentIndex(0)
        self.resize(self.size().expandedTo(px(_PIXELS_SIZE).boundedTo(self.screen().availableSize())))
        self._splitter.setSizes([0, px(_PIXELS_SIZE).width()])
        self.layers.select(0)
        if self.tables.count():
            self.tables.setCurrentIndex(0)
            self._show_table()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tracing.set_active(active=True)
        self._on_tab_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        self._tracing.set_active(active=False)
        self._tracing.inside.set_active(active=False)
        self._settings.layers_geometry = self.saveGeometry()
        super().hideEvent(event)

    @Slot()
    def _on_tab_changed(self) -> None:
        self._tracing.inside.set_active(active=self.isVisible() and self.tabs.currentWidget() is self.inside)

    @Slot()
    def _on_subject_changed(self) -> None:
        subject = self._tracing.subject
        if subject is None:
            self.empty.set_content(self.tr("Nothing to follow yet"), self._tracing.hint, icon="info")
            self.pages.setCurrentWidget(self.empty)
            return
        name = subject.model_name
        self._title.setText(f"{subject.title} · {name}" if name else subject.title)
        self.inside.show_model(self._title.text())
        self.label.setVisible(subject.is_drawing)

    @Slot(str)
    def _on_problem_found(self, problem: str) -> None:
        self.empty.set_content(self.tr("The layers cannot be shown"), problem, icon="warning")
        self.pages.setCurrentWidget(self.empty)

    @Slot(object)
    def _on_followed(self, followed: FollowedImage) -> None:
        self._followed = followed
        has_model = followed.predicted is not None
        for widget in (self.dropout, self.draw_again):
            widget.setVisible(followed.has_dropout)
        self.draw_again.setEnabled(self.dropout.isChecked())
        self.engine.setVisible(has_model)
        self.engine.show_problems({"numpy": followed.numpy_problem})
        self.engine.show_raw(followed.engine)
        with_errors = self.tr("NumPy engine, with the tutorial's errors")
        self.engine.setItemText(1, with_errors if followed.slips else self.tr("NumPy engine"))
        self._answer.setText(self._answer_text(followed))
        self.pages.setCurrentIndex(1)
        self.layers.show_rows(followed.rows)

    def _answer_text(self, followed: FollowedImage) -> str:
        if followed.label is None:
            return ""
        answer = sample_title(followed.label, followed.predicted)
        notes = (row.note for row in followed.rows if row.note)
        return " · ".join((answer, *notes))

    @Slot(object)
    def _on_row_selected(self, row: LayerRow) -> None:
        titles = [table.title for table in row.tables]
        shown = [self.tables.itemText(number) for number in range(self.tables.count())]
        if titles != shown:
            self.tables.clear()
            self.tables.addItems(titles)
        self._show_table()

    @Slot()
    def _show_table(self) -> None:
        row, number = self.layers.selected, self.tables.currentIndex()
        if row is not None and 0 <= number < len(row.tables):
            self.numbers.show_table(row.tables[number])
            can_copy = self.numbers.can_copy_all
            tip = self.tr("Copy all numbers of the table, for a spreadsheet; Ctrl+C copies a selection")
            refusal = self.tr("Too many numbers to copy at once: select a part, and press Ctrl+C")
            self.copy_button.setEnabled(can_copy)
            self.copy_button.setToolTip(tip if can_copy else refusal)

    @Slot()
    def _on_engine_edited(self) -> None:
        self._tracing.set_engine(cast("Engine", self.engine.raw))

    @Slot()
    def _on_label_edited(self) -> None:
        raw = self.label.raw
        self._tracing.set_label(None if raw == _PREDICTED else int(raw))

    @Slot(bool)
    def _on_dropout_clicked(self, checked: bool) -> None:
        self.draw_again.setEnabled(checked)
        self._tracing.set_dropout(checked)

"""The network of the form, which can be changed there, and what it learns while it trains."""

from itertools import chain, pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from digitpad.core.evaluation.layer_findings import findings
from digitpad.core.evaluation.layer_statistics import NetworkStatistics
from digitpad.core.models.specs import CNNSpec, Spec
from digitpad.core.training.recipes import Recipe
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.network.column import step_button
from digitpad.gui.train.network.edits import Edits, field_of, with_layers, with_units
from digitpad.gui.train.network.network_view import NetworkView
from digitpad.gui.train.network.texts import figure, finding_text
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.scroll_column import scroll_area

# Lower, the view would have to scroll, with a horizontal bar below it.
_VIEW_HEIGHT = 120
_TWO_LINES = 30


class NetworkPanel(QWidget):
    """Draws the form's model, or the one in training, with what was measured of it last."""

    edits_requested = Signal(object)  # Edits of the form
    field_requested = Signal(str)
    watched_changed = Signal(bool)  # whether the user can see it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: Spec | None = None  # the form's
        self._trained: Recipe | None = None  # what the statistics are of
        self._is_training = self._is_locked = False
        self._start: NetworkStatistics | None = None
        self._now: NetworkStatistics | None = None
        self.view = NetworkView()
        self.heading = QWidget()
        self.fewer_layers, self.more_layers = step_button("−"), step_button("+")
        self._layers = QLabel()
        self._words, self._concerns = QLabel(), QLabel()
        self.setAccessibleName(self.tr("Network"))
        self._words.setProperty("role", "caption")
        self._concerns.setProperty("role", "note")
        for label in (self._words, self._concerns):
            label.setWordWrap(True)
            label.setMinimumHeight(px(_TWO_LINES))  # layouts reckon with one line of a text that wraps
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        hbox(None, self._layers, self.fewer_layers, self.more_layers, parent=self.heading, spacing=6)
        area = scroll_area(self.view, sideways=True)
        area.setMinimumHeight(px(_VIEW_HEIGHT))
        vbox((area, 1), self._concerns, self._words, parent=self, spacing=4)

        self.view.settings_requested.connect(self._on_settings_requested)
        self.view.units_requested.connect(self._on_units_requested)
        self.fewer_layers.clicked.connect(self._on_fewer_layers)
        self.more_layers.clicked.connect(self._on_more_layers)
        self._refresh()

    @property
    def text(self) -> str:
        """The sentences below the picture."""
        return "\n".join(filter(None, (self._concerns.text(), self._words.text())))

    def show_model(self, model: Spec | None) -> None:
        """Draw the model of the form; None while it is not valid."""
        self._model = model
        self._refresh()

    def set_locked(self, *, is_locked: bool) -> None:
        """Keep + and − from being pressed."""
        self._is_locked = is_locked
        self._refresh()

    def start(self, recipe: Recipe) -> None:
        """Draw the model of a training that begins."""
        self._trained, self._is_training, self._start, self._now = recipe, True, None, None
        self._refresh()

    def finish(self) -> None:
        """Draw the model of the form again; its last statistics stay while it is the one that was trained.

        If it was measured at its start only, because nobody looked at it, that would pass for what it has learned.
        """
        self._is_training = False
        if self._now is self._start:
            self._now = None
        self._refresh()

    def show_run(self, recipe: Recipe, statistics: NetworkStatistics) -> None:
        """Show what was measured of a run that has ended, while the form has its model.

        It is compared with the start if that was measured, of a training that has just ended.
        """
        self._trained, self._start, self._now = recipe, self._start or statistics, statistics
        self._refresh()

    def clear(self) -> None:
        """Forget what was measured."""
        self._trained, self._is_training, self._start, self._now = None, False, None, None
        self._refresh()

    @Slot(object)
    def show_statistics(self, statistics: NetworkStatistics) -> None:
        """Show what was measured of the model in training; the first one is what later ones are compared with."""
        self._start, self._now = self._start or statistics, statistics
        self._refresh_statistics()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watched_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.watched_changed.emit(False)

    @property
    def _shown(self) -> Spec | None:
        return self._trained.model if self._trained and self._is_training else self._model

    def _refresh(self) -> None:
        model = self._shown
        count = len(self.view.columns)
        self.view.show_model(model, is_locked=self._is_locked)
        if len(self.view.columns) != count:
            parts = [(column.title, column.fewer, column.more) for column in self.view.columns]
            for before, after in pairwise((self.fewer_layers, self.more_layers, *chain.from_iterable(parts))):
                QWidget.setTabOrder(before, after)
        is_cnn = isinstance(model, CNNSpec)
        self._layers.setText(self.tr("Blocks") if is_cnn else self.tr("Hidden layers"))
        fewer, more = (
            (self.tr("Remove the last block"), self.tr("Add a block"))
            if is_cnn
            else (self.tr("Remove the last hidden layer"), self.tr("Add a hidden layer"))
        )
        for button, way, tip in ((self.fewer_layers, -1, fewer), (self.more_layers, 1, more)):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setEnabled(model is not None and not self._is_locked and with_layers(model, way) is not None)
        self._refresh_statistics()

    def _refresh_statistics(self) -> None:
        model = self._shown
        now = self._now if self._now and self._now.spec == model else None
        self.view.show_statistics(now)
        concerns = findings(now, self._start, self._trained.training) if now and self._start and self._trained else ()
        self._concerns.setText(
            "  ".join(f"⚠\N{NO-BREAK SPACE}{finding_text(finding, now)}" for finding in concerns) if now else ""
        )
        self._concerns.setVisible(bool(concerns))
        self._words.setText(self._words_of(now, is_well=not concerns))
        self._words.setVisible(bool(self._words.text()))
        self.setAccessibleDescription(self.text)

    def _words_of(self, now: NetworkStatistics | None, *, is_well: bool) -> str:
        if self._shown is None:
            return self.tr("A setting of the model is not valid: the form says which one.")
        if now is None and self._now is not None:
            return self.tr(
                "This is the form's model; the run has another one. To see it, load the run's settings into the form."
            )
        if now is None:
            return self.tr(
                "+ and − change the form. A click on a layer leads to its settings. While it trains, its weights, "
                "gradients and activations are here."
            )
        if self.view.has_lines:
            legend = self.tr("Lines are weights: solid blue raises, dashed orange lowers. The thickest is ±{peak}.")
            return legend.format(peak=figure(self.view.peak))
        if not is_well:
            return ""
        text = self.tr("Measured on {count} training images: no dead units, no gradients that explode or vanish.")
        return text.format(count=now.images)

    @Slot(int)
    def _on_settings_requested(self, number: int) -> None:
        if self._shown is not None:
            self.field_requested.emit(field_of(self._shown, number))

    @Slot(int, int)
    def _on_units_requested(self, number: int, way: int) -> None:
        if self._shown is not None:
            self._request(with_units(self._shown, number, way))

    @Slot()
    def _on_fewer_layers(self) -> None:
        self._request(self._shown and with_layers(self._shown, -1))

    @Slot()
    def _on_more_layers(self) -> None:
        self._request(self._shown and with_layers(self._shown, 1))

    def _request(self, edits: Edits | None) -> None:
        if edits is not None:
            self.edits_requested.emit(edits)

"""Shows the weights of a run: the present ones, or those after an earlier epoch, which is marked in the curves."""

from math import isfinite

import numpy as np
from PySide6.QtCore import QObject, Slot

from digitpad.core.evaluation.weight_images import WeightImages
from digitpad.core.runs.weight_history import WeightHistory
from digitpad.gui.train.curves.figures import SHORT
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.weights.panel import WeightsPanel


class WeightReplay(QObject):
    """Joins the weights, their slider over the epochs, and the curves."""

    def __init__(self, weights: WeightsPanel, curves: LearningCurves, parent: QObject) -> None:
        super().__init__(parent)
        self._weights, self._curves = weights, curves
        self._history: WeightHistory | None = None
        self._newest: WeightImages | None = None
        self._is_live = False

        weights.epochs.hide()
        weights.epochs.chosen.connect(self._on_chosen)

    @property
    def is_at_present(self) -> bool:
        """Whether the newest weights of a training are shown."""
        return self._is_live and self._weights.epochs.index < 0

    def start(self) -> None:
        """Begin a training: its present weights are shown until the user chooses an earlier epoch."""
        self._history, self._newest, self._is_live = None, None, True
        self._weights.show_images(None)
        self._weights.epochs.show()
        self._show_epochs(-1)

    def show_present(self, images: WeightImages) -> None:
        """Take the newest weights of the training."""
        self._newest = images
        if self.is_at_present:
            self._weights.show_images(images)

    def extend(self, history: WeightHistory | None) -> None:
        """Take the history of the training so far; the chosen epoch stays."""
        index = self._weights.epochs.index
        chosen = self._history.epochs[index] if self._history is not None and index >= 0 else None
        self._history = history
        self._show_epochs(-1 if chosen is None else self._index_of(chosen))

    def finish(self) -> None:
        """End a training that leaves no run: its last weights stay, but there is no history."""
        self._history, self._is_live = None, False
        self._show_epochs(-1)

    def show(self, history: WeightHistory | None, images: WeightImages | None, epoch: int | None) -> None:
        """Show a run that is not in training: its history at an epoch, or without one these images."""
        self._history, self._newest, self._is_live = history, images, False
        index = self._index_of(epoch) if history is not None and epoch is not None else -1
        self._show_epochs(index)
        self._weights.epochs.setVisible(history is not None or images is not None)
        self._weights.show_images(images if history is None else history.images(index))
        self._curves.chart.remove_mark()

    def _index_of(self, epoch: int) -> int:
        """Return the index of the epoch of the history that is nearest to an epoch; -1 without one."""
        if self._history is None:
            return -1
        return int(np.argmin(np.abs(np.array(self._history.epochs) - epoch)))

    def _show_epochs(self, chosen: int) -> None:
        epochs = () if self._history is None else self._history.epochs
        self._weights.epochs.show_epochs(epochs, is_live=self._is_live, chosen=chosen)

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        if self._history is None or index < 0:
            self._weights.show_images(self._newest)
            self._curves.chart.remove_mark()
            return
        epoch = self._history.epochs[index]
        self._weights.show_images(self._history.images(index))
        self._curves.chart.mark_epoch(epoch, self._text_of(epoch))

    def _text_of(self, epoch: int) -> str:
        """Return the text of the mark: "epoch 3: 97.9 % test"."""
        if not epoch:
            return self.tr("before the first step")
        name, live = self.tr("epoch {:,}").format(epoch), self._curves.content.live
        if live is None:
            return name
        if live.measure.outputs == 1:
            value, figure = live.at(epoch, "test_loss"), self.tr("test loss {}")
            return self.tr("{}: {}").format(name, figure.format(SHORT.loss(value))) if isfinite(value) else name
        value = live.at(epoch, "test_accuracy")
        return self.tr("{}: {} % test").format(name, f"{value * 100:.1f}") if isfinite(value) else name

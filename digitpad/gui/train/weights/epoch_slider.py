"""A slider over the epochs of a run, with a button that plays them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QSlider, QToolButton, QWidget

from digitpad.gui.theme.fonts import use_tabular_font
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.reserved_width import reserve_width

# All epochs are played in about this time, and none is shown shorter or longer than these, ms.
_WHOLE_MS, _LEAST_MS, _MOST_MS = 6000, 100, 700
_USUAL_EPOCHS = 999  # the label has room for so many


class EpochSlider(QWidget):
    """Chooses one of a run's epochs; during a training the last place is the present one."""

    chosen = Signal(int)  # index of an epoch; -1 is the present one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._epochs: tuple[int, ...] = ()
        self._is_live = False
        self.play, self.slider, self._label = QToolButton(), QSlider(Qt.Orientation.Horizontal), QLabel()
        self._timer = QTimer(self)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.play.setIconSize(QSize(px(18), px(18)))
        self._label.setProperty("role", "caption")
        self.slider.setAccessibleName(self.tr("Epoch"))
        self.slider.setToolTip(self.tr("Shows the weights after an earlier epoch, and marks it in the curves."))

        hbox(self.play, (self.slider, 1), self._label, parent=self, spacing=6)

        self.play.clicked.connect(self._on_play)
        self.slider.valueChanged.connect(self._on_value_changed)
        self.slider.sliderPressed.connect(self._stop)
        self._timer.timeout.connect(self._on_time_to_step)
        self.show_epochs((), is_live=False)

    @property
    def text(self) -> str:
        """The name of the chosen epoch; why there is none to choose."""
        return self._label.text()

    @property
    def is_playing(self) -> bool:
        """Whether the epochs are being played."""
        return self._timer.isActive()

    @property
    def index(self) -> int:
        """Index of the chosen epoch; -1 for the present one, or without epochs."""
        place = self.slider.value()
        return place if place < len(self._epochs) else -1

    def show_epochs(self, epochs: Sequence[int], *, is_live: bool, chosen: int = -1) -> None:
        """Offer these epochs, 0 for the start, and choose one by its index; in a live training -1 is the present."""
        was_live, self._epochs, self._is_live = self._is_live, tuple(epochs), is_live
        if was_live and not is_live:
            self._stop()
        last = len(self._epochs) - (0 if is_live else 1)
        is_enabled = len(self._epochs) > (0 if is_live else 1)
        for widget in (self.play, self.slider):
            widget.setEnabled(is_enabled)
        if not is_enabled:
            self._stop()
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(last, 0))
        self.slider.setPageStep(max(1, last // 10))
        self.slider.setValue(max(last, 0) if chosen < 0 else chosen)
        self.slider.blockSignals(False)
        self._name()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._name()
        super().changeEvent(event)

    def _name(self) -> None:
        """Name the chosen epoch, in a place that is wide enough for all names."""
        self.play.setIcon(line_icon("pause" if self.is_playing else "play"))
        tip = self.tr("Pause") if self.is_playing else self.tr("Plays the weights from the first epoch to the last.")
        self.play.setToolTip(tip)
        self.play.setAccessibleName(self.tr("Pause") if self.is_playing else self.tr("Play"))
        use_tabular_font(self._label)
        last = self.tr("epoch {:,}").format(max(*self._epochs, _USUAL_EPOCHS) if self._epochs else _USUAL_EPOCHS)
        reserve_width(self._label, (last, self.tr("now"), self.tr("start"), self.tr("no history")))
        self._label.setText(self._name_of(self.index))
        self.slider.setAccessibleDescription(self._label.text())

    def _name_of(self, index: int) -> str:
        if not self._epochs or (len(self._epochs) == 1 and not self._is_live):
            return self.tr("now") if self._is_live else self.tr("no history")
        if index < 0:
            return self.tr("now")
        epoch = self._epochs[index]
        return self.tr("epoch {:,}").format(epoch) if epoch else self.tr("start")

    def _stop(self) -> None:
        self._timer.stop()
        self._name()

    @Slot()
    def _on_play(self) -> None:
        if self.is_playing:
            self._stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        interval = _WHOLE_MS // max(self.slider.maximum(), 1)
        self._timer.start(min(max(interval, _LEAST_MS), _MOST_MS))
        self._name()

    @Slot()
    def _on_time_to_step(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self._stop()

    @Slot()
    def _on_value_changed(self) -> None:
        self._name()
        self.chosen.emit(self.index)

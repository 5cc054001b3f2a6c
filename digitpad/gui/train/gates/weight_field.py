"""A weight that is set by a slider or typed."""

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSlider, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.form_metrics import indent_number

_MOST = 2.0
_STEPS = 100  # of the slider, for 1


class WeightField(QWidget):
    """A name, a slider and a number field; both show the same value, in hundredths."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label, self.slider, self.number = QLabel(name), QSlider(Qt.Orientation.Horizontal), _Number()
        label.setFixedWidth(px(24))
        label.setBuddy(self.number)
        self.slider.setRange(-int(_MOST * _STEPS), int(_MOST * _STEPS))
        self.slider.setPageStep(_STEPS // 10)
        self.slider.setAccessibleName(name)
        self.number.setAccessibleName(name)

        hbox(label, (self.slider, 1), self.number, parent=self, spacing=8)

        self.slider.valueChanged.connect(self._on_slid)
        self.number.valueChanged.connect(self._on_typed)

    @property
    def value(self) -> float:
        """The weight."""
        return self.number.value()

    def show_value(self, value: float) -> None:
        """Set the weight."""
        self.number.setValue(value)

    @Slot(int)
    def _on_slid(self, steps: int) -> None:
        self.number.setValue(steps / _STEPS)

    @Slot(float)
    def _on_typed(self, value: float) -> None:
        self.slider.blockSignals(True)  # it would replace the text that is being typed
        self.slider.setValue(round(value * _STEPS))
        self.slider.blockSignals(False)
        self.changed.emit()


class _Number(QDoubleSpinBox):
    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setRange(-_MOST, _MOST)
        self.setDecimals(2)
        self.setSingleStep(0.1)
        indent_number(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

"""The row of controls above the learning curves."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.train.curves.series import CurveOptions

_MOST_SMOOTHING = 99
_LEAST_TITLE = 72


class ElidedTitle(QLabel):
    """A name that gives way: shortened where there is little room, and left out where there is next to none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "name")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() >= min(_LEAST_TITLE, self.sizeHint().width()):
            painter = QPainter(self)
            painter.setPen(self.palette().color(self.foregroundRole()))
            words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)


class CurveControls(QWidget):
    """A title, and how the curves are shown."""

    options_changed = Signal()
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedTitle()
        self.log_scale = QCheckBox(self.tr("Log scale"))
        self.per_batch = QCheckBox(self.tr("Per batch"))
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.reset = QToolButton()
        self._name = QLabel(self.tr("Smoothing"))
        self._value = QLabel()
        self._explain()
        self.per_batch.setChecked(True)
        self.smoothing.setRange(0, _MOST_SMOOTHING)
        self.smoothing.setMinimumWidth(24)
        self.smoothing.setMaximumWidth(72)
        self._name.setBuddy(self.smoothing)
        self._value.setProperty("role", "muted")
        self._value.setFixedWidth(self._value.fontMetrics().horizontalAdvance("0.00") + 4)
        self.reset.setIconSize(QSize(18, 18))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title, 1)
        layout.addWidget(self.log_scale)
        layout.addWidget(self.per_batch)

        layout.addWidget(self._name)
        layout.addWidget(self.smoothing)
        layout.addWidget(self._value)
        layout.addWidget(self.reset)

        self.log_scale.toggled.connect(self._on_changed)
        self.per_batch.toggled.connect(self._on_changed)
        self.smoothing.valueChanged.connect(self._on_changed)
        self.reset.clicked.connect(self.reset_requested)
        self._tint()
        self._on_changed()

    @property
    def options(self) -> CurveOptions:
        """What is chosen."""
        return CurveOptions(
            log_loss=self.log_scale.isChecked(),
            smoothing=self.smoothing.value() / 100 if self.per_batch.isChecked() else 0.0,
            per_batch=self.per_batch.isChecked(),
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    @Slot()
    def _on_changed(self) -> None:
        # Only single batches are smoothed: figures of whole epochs are what was measured.
        for widget in (self.smoothing, self._name, self._value):
            widget.setEnabled(self.per_batch.isChecked())
        self._value.setText(f"{self.smoothing.value() / 100:.2f}")
        self.options_changed.emit()

    def _tint(self) -> None:
        self.reset.setIcon(line_icon("fit"))

    def _explain(self) -> None:
        self.log_scale.setToolTip(self.tr("Show the loss on a logarithmic scale: small differences near zero are seen"))
        self.per_batch.setToolTip(self.tr("Show loss and accuracy of every training step's batch, faintly"))
        smoothing = self.tr(
            "Exponential moving average of the curve per batch: the weight of what came before, 0 to 0.99. "
            "Figures of whole epochs stay as they are."
        )
        for widget in (self.smoothing, self._name):
            widget.setToolTip(smoothing)
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.reset.setToolTip(self.tr("Show the whole training again (double click, or R)"))
        self.reset.setAccessibleName(self.tr("Reset zoom"))

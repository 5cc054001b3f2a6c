"""The row of controls above the learning curves."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.train.curves.series import CurveOptions
from digitpad.gui.widgets.boxes import hbox

_MAX_SMOOTHING = 99
_MIN_TITLE_WIDTH = 72


class ElidedTitle(QLabel):
    """A title that is elided if there is little room, and hidden if there is almost none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "name")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() >= min(_MIN_TITLE_WIDTH, self.sizeHint().width()):
            painter = QPainter(self)
            painter.setPen(self.palette().color(self.foregroundRole()))
            text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


class CurveControls(QWidget):
    """The title of the curves, and options for how they are shown."""

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
        self.smoothing.setRange(0, _MAX_SMOOTHING)
        self.smoothing.setMinimumWidth(24)
        self.smoothing.setMaximumWidth(72)
        self._name.setBuddy(self.smoothing)
        self._value.setProperty("role", "muted")
        self._value.setFixedWidth(self._value.fontMetrics().horizontalAdvance("0.00") + 4)
        self.reset.setIconSize(QSize(18, 18))

        hbox(
            (self.title, 1), self.log_scale, self.per_batch, self._name, self.smoothing, self._value, self.reset,
            parent=self, spacing=8,
        )  # fmt: skip

        self.log_scale.toggled.connect(self._on_changed)
        self.per_batch.toggled.connect(self._on_changed)
        self.smoothing.valueChanged.connect(self._on_changed)
        self.reset.clicked.connect(self.reset_requested)
        self._tint()
        self._on_changed()

    @property
    def options(self) -> CurveOptions:
        """The chosen options."""
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
        # Only the curve per batch is smoothed: metrics of whole epochs are shown as measured.
        for widget in (self.smoothing, self._name, self._value):
            widget.setEnabled(self.per_batch.isChecked())
        self._value.setText(f"{self.smoothing.value() / 100:.2f}")
        self.options_changed.emit()

    def _tint(self) -> None:
        self.reset.setIcon(line_icon("fit"))

    def _explain(self) -> None:
        self.log_scale.setToolTip(
            self.tr("Shows the loss on a logarithmic scale, which makes small differences near zero visible.")
        )
        self.per_batch.setToolTip(self.tr("Shows the loss and accuracy of every batch as a faint line."))
        smoothing = self.tr(
            "Shows an exponential moving average of the curve per batch. 0: no smoothing, 0.99: strongest. "
            "The metrics of whole epochs are not smoothed."
        )
        for widget in (self.smoothing, self._name):
            widget.setToolTip(smoothing)
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.reset.setToolTip(self.tr("Shows the whole training again (double-click, or R)."))
        self.reset.setAccessibleName(self.tr("Reset zoom"))

"""The options above the learning curves."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.series import CurveOptions
from digitpad.gui.widgets.adaptive_row import AdaptiveRow
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import ComboBox

_MAX_SMOOTHING = 99


class CurveControls(QWidget):
    """Options for how the curves are shown."""

    options_changed = Signal()
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Has its own place above the curves.
        self.grouping = ComboBox()
        self.grouping.addItem(self.tr("By loss and accuracy"), False)
        self.grouping.addItem(self.tr("By training and test"), True)
        self.log_scale = QCheckBox(self.tr("Log scale"))
        self.per_batch = QCheckBox(self.tr("Per batch"))
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.reset = QToolButton()
        self._name = QLabel(self.tr("Smoothing"))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.grouping.setAccessibleName(self.tr("Charts"))
        self.grouping.setMinimumContentsLength(18)
        self.grouping.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._explain()
        self.per_batch.setChecked(True)
        self.smoothing.setRange(0, _MAX_SMOOTHING)
        self.smoothing.setValue(round(100 * CurveOptions().smoothing))
        self.smoothing.setMinimumWidth(px(48))
        self.smoothing.setMaximumWidth(px(72))
        self._name.setBuddy(self.smoothing)
        self.reset.setIconSize(QSize(px(18), px(18)))

        checks = AdaptiveRow(None, self.log_scale, self.per_batch, spacing=4)
        smoothing = hbox(self._name, self.smoothing, self.reset, spacing=4)
        vbox(AdaptiveRow((checks, 1), smoothing, spacing=4), parent=self)

        self.grouping.currentIndexChanged.connect(self._on_changed)
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
            smoothing=self.smoothing.value() / 100,
            per_batch=self.per_batch.isChecked(),
            by_part=self.grouping.currentData(),
        )

    def set_options(self, options: CurveOptions) -> None:
        """Choose these options."""
        self.grouping.setCurrentIndex(self.grouping.findData(options.by_part))
        self.log_scale.setChecked(options.log_loss)
        self.per_batch.setChecked(options.per_batch)
        self.smoothing.setValue(round(100 * options.smoothing))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    @Slot()
    def _on_changed(self) -> None:
        self.per_batch.setEnabled(not self.options.by_part)
        self._explain_smoothing()
        self.options_changed.emit()

    def _tint(self) -> None:
        self.reset.setIcon(line_icon("fit"))

    def _explain(self) -> None:
        self.grouping.setAccessibleName(self.tr("Curves shown together"))
        self.grouping.setToolTip(
            self.tr(
                "One chart of the losses and one of the accuracies, or one of the training and one of the test, each "
                "with loss and accuracy."
            )
        )
        self.log_scale.setToolTip(
            self.tr("Shows the loss on a logarithmic scale, which makes small differences near zero visible.")
        )
        self.per_batch.setToolTip(
            self.tr(
                "Shows the lowest and highest loss and accuracy of neighbouring batches as a light band; not by "
                "training and test, where the bands would hide each other."
            )
        )
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.reset.setToolTip(self.tr("Shows the whole training again (double-click, or R)."))
        self.reset.setAccessibleName(self.tr("Reset zoom"))

    def _explain_smoothing(self) -> None:
        tip = self.tr(
            "{}: the training line is an average over neighbouring batches, with weights that fall exponentially. "
            "0: no smoothing, 0.99: strongest. Very many batches are smoothed more. Test metrics are not smoothed."
        ).format(f"{self.smoothing.value() / 100:.2f}")
        for widget in (self.smoothing, self._name):
            widget.setToolTip(tip)

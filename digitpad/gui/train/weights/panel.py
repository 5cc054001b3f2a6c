"""The weights of the model as images, with a caption that explains them."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QWidget

from digitpad.core.evaluation.weight_images import WeightImages
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.weights.epoch_slider import EpochSlider
from digitpad.gui.train.weights.grid import WeightGrid
from digitpad.gui.train.weights.model_table import ModelTable
from digitpad.gui.widgets.boxes import hbox, vbox

_RAMP = 56
_RAMP_HEIGHT = 8


class ColourKey(QWidget):
    """A colour scale with a label at each end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_labels(self, low: str, high: str) -> None:
        """Set the labels of the two ends."""
        self._labels = (low, high)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(tabular_font(self.font(), CAPTION))
        width = sum(metrics.horizontalAdvance(label) for label in self._labels)
        return QSize(int(width) + px(_RAMP) + px(16), int(metrics.height()) + px(2))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(tabular_font(self.font(), CAPTION))
        colours = theme_colours(self.palette())
        painter.setPen(colours["muted"])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._labels[0])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._labels[1])
        left = QFontMetricsF(painter.font()).horizontalAdvance(self._labels[0]) + px(8)
        ramp = QRectF(round(left), (self.height() - px(_RAMP_HEIGHT)) // 2, px(_RAMP), px(_RAMP_HEIGHT))
        gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
        for place, name in ((0.0, "against"), (0.5, "neutral"), (1.0, "for")):
            gradient.setColorAt(place, colours[f"weight_{name}"])
        painter.fillRect(ramp, gradient)


class WeightsPanel(QWidget):
    """A caption, the images, beside those of a gate its truth table, and a slider; `heading` has a colour scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key, self.heading = ColourKey(), QWidget()
        self._caption = QLabel()
        self._placeholder = QLabel(self.tr("The weights appear when the training starts."))
        self.grid, self.table, self.epochs = WeightGrid(), ModelTable(), EpochSlider()
        self._labels: tuple[int, ...] = ()
        self._pages = QStackedWidget()
        self._caption.setProperty("role", "caption")
        self._caption.setWordWrap(True)
        self._placeholder.setProperty("role", "muted")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self.setAccessibleName(self.tr("Weights"))

        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self.grid)
        hbox(None, self._key, parent=self.heading)
        images = hbox((self._pages, 1), self.table, spacing=8)
        vbox(self._caption, (images, 1), self.epochs, parent=self, spacing=6)

        self.show_images(None)

    @property
    def caption(self) -> str:
        """How to read the images; empty if there are none."""
        return self._caption.text()

    @property
    def is_empty(self) -> bool:
        """Whether there are no images."""
        return self.grid.images is None

    def set_labels(self, labels: tuple[int, ...]) -> None:
        """Set the labels of the points of a gate; none for other data."""
        self._labels = labels
        self.grid.set_labels(labels)
        self.show_images(self.grid.images)

    def show_images(self, images: WeightImages | None) -> None:
        """Show images, or none."""
        self.grid.show_images(images)
        self._caption.setText("" if images is None else self._caption_text(images))
        self._caption.setToolTip("" if images is None else images.note)
        self.grid.setAccessibleName(self.caption)
        self._caption.setVisible(images is not None)
        self._key.setVisible(images is not None)
        self._pages.setCurrentWidget(self._placeholder if images is None else self.grid)
        is_gate = images is not None and images.kind == "surface"
        self.table.setVisible(is_gate and bool(self._labels))
        if images is not None and is_gate:
            self._key.set_labels("0", "1")
            if self._labels:
                self.table.show_outputs(images.outputs, self._labels)
        else:
            self._key.set_labels(self.tr("lowers"), self.tr("raises"))

    def _caption_text(self, images: WeightImages) -> str:
        match images.kind:
            case "templates":
                return self.tr("Ink on blue raises the digit's score, on orange lowers it.")
            case "units":
                return self.tr("Ink on blue raises the unit's output, on orange lowers it.")
            case "filters":
                return self.tr("Ink on blue raises the filter's output, on orange lowers it.")
            case "surface":
                return self.tr("The output for any two inputs. Labels: ● is 1, ○ is 0.")

"""What the model is learning, seen: its weights as pictures, with a few words on how to read them."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from digitpad.core.evaluation.weight_images import WeightImages
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION_PX, tabular_font
from digitpad.gui.train.weight_grid import WeightGrid

_RAMP = 56
_RAMP_HEIGHT = 8


class ColourKey(QWidget):
    """A ramp of the colours, with a word at either end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_labels(self, low: str, high: str) -> None:
        """Say what the two ends stand for."""
        self._labels = (low, high)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(tabular_font(self.font(), CAPTION_PX))
        words = sum(metrics.horizontalAdvance(word) for word in self._labels)
        return QSize(int(words) + _RAMP + 16, int(metrics.height()) + 2)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(tabular_font(self.font(), CAPTION_PX))
        colours = theme_colours(self.palette())
        painter.setPen(colours["muted"])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._labels[0])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._labels[1])
        left = QFontMetricsF(painter.font()).horizontalAdvance(self._labels[0]) + 8
        ramp = QRectF(round(left), (self.height() - _RAMP_HEIGHT) // 2, _RAMP, _RAMP_HEIGHT)
        gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
        for place, name in ((0.0, "against"), (0.5, "neutral"), (1.0, "for")):
            gradient.setColorAt(place, colours[f"weight_{name}"])
        painter.fillRect(ramp, gradient)


class WeightsPanel(QWidget):
    """A title, how to read the pictures, and the pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("What it is learning"))
        self._key = ColourKey()
        self._caption = QLabel()
        self._placeholder = QLabel(self.tr("The first pictures come with the first epoch."))
        self.grid = WeightGrid()
        self._pages = QStackedWidget()
        title.setProperty("role", "title")
        self._caption.setProperty("role", "caption")
        self._caption.setWordWrap(True)
        self._placeholder.setProperty("role", "muted")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self.setAccessibleName(title.text())

        heading = QHBoxLayout()
        heading.addWidget(title, 1)
        heading.addWidget(self._key)
        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self.grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(heading)
        layout.addWidget(self._caption)
        layout.addWidget(self._pages, 1)

        self.show_images(None)

    @property
    def caption(self) -> str:
        """How the pictures are to be read; empty where there are none."""
        return self._caption.text()

    @property
    def is_empty(self) -> bool:
        """Whether there are no pictures."""
        return self.grid.images is None

    def show_images(self, view: WeightImages | None) -> None:
        """Show another view, or none."""
        self.grid.show_images(view)
        self._caption.setText("" if view is None else self._caption_text(view))
        self._caption.setToolTip("" if view is None else view.note)
        self.grid.setAccessibleName(self.caption)
        self._caption.setVisible(view is not None)
        self._key.setVisible(view is not None)
        self._pages.setCurrentWidget(self._placeholder if view is None else self.grid)
        if view is not None and view.kind == "surface":
            self._key.set_labels("0", "1")
        else:
            self._key.set_labels(self.tr("against"), self.tr("for"))

    def _caption_text(self, view: WeightImages) -> str:
        match view.kind:
            case "templates":
                return self.tr(
                    "Each picture is a digit's weights: ink on blue pixels speaks for it, on orange against."
                )
            case "units":
                return self.tr("Each picture is a unit's weights: ink on blue pixels excites it, on orange calms it.")
            case "filters":
                return self.tr(
                    "Each picture is a filter of 3 x 3 pixels that is moved over the image, looking for its pattern."
                )
            case "surface":
                return self.tr(
                    "What it answers to any two numbers: blue is 1, orange is 0. ● shall become 1, ○ shall become 0."
                )

"""The pictures of a model: its weights, or its network, by a switch."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.train.network.panel import NetworkPanel
from digitpad.gui.train.weights.panel import WeightsPanel
from digitpad.gui.widgets.boxes import hbox, keep_height, vbox
from digitpad.gui.widgets.form_metrics import HEADING_HEIGHT
from digitpad.gui.widgets.segment_switch import Segment, SegmentSwitch


class ModelPictures(QWidget):
    """Shows the weights or the network, below a heading with the switch and what belongs to the page."""

    def __init__(self, weights: WeightsPanel, network: NetworkPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages, self._headings = QStackedWidget(), QStackedWidget()
        self._headings.setMaximumHeight(px(HEADING_HEIGHT))
        for page, heading in ((weights, weights.heading), (network, network.heading)):
            self._pages.addWidget(page)
            self._headings.addWidget(heading)
        self.switch = SegmentSwitch(
            (
                Segment(weights, self.tr("Weights"), self.tr("Shows the weights of the first layer as pictures.")),
                Segment(network, self.tr("Network"), self.tr("Shows all layers. + and − change them.")),
            ),
            self.tr("Weights or network"),
        )

        heading = hbox(self.switch, (self._headings, 1), spacing=8)
        keep_height(heading, HEADING_HEIGHT)
        vbox(heading, (self._pages, 1), parent=self, spacing=0)

        self.switch.chosen.connect(self._on_chosen)

    def show_page(self, page: QWidget) -> None:
        """Show the weights or the network."""
        self.switch.choose(page)
        self._on_chosen(page)

    @Slot(object)
    def _on_chosen(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        self._headings.setCurrentIndex(self._pages.currentIndex())

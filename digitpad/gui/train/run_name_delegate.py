"""The name column of the runs table."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from digitpad.gui.train.runs_model import RUN_ROLE, RunsModel
from digitpad.gui.widgets.model_index import Index

_SWATCH = QSize(18, 14)


class RunNameDelegate(QStyledItemDelegate):
    """Paints the colour of a run's curves beside its name."""

    def __init__(self, model: RunsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = self._model.colour_of(index.data(RUN_ROLE))
        if colour is None:
            return
        ratio = option.widget.devicePixelRatioF() if option.widget else 1.0
        pixmap = QPixmap(_SWATCH * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.fillRect(0, _SWATCH.height() // 2 - 2, _SWATCH.width() - 2, 4, colour)
        painter.end()
        option.icon = QIcon(pixmap)
        option.decorationSize = _SWATCH
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration

"""Mistakes in a grid: each image, pixels crisp, with what the model took it for."""

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from digitpad.core.mistakes import Mistake
from digitpad.gui.mistakes_model import MISTAKE_ROLE, Index, MistakesModel
from digitpad.gui.painting import ink_image
from digitpad.gui.theme_colours import theme_colours

_SIDE = 56  # px; twice 28, seven times 8: every pixel is of the same size
_PADDING = 8
_GAP = 4
_CAPTION_PX = 11
_CENTRE = Qt.AlignmentFlag.AlignCenter
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MistakeGrid(QListView):
    """Lays out and paints only what is seen; arrows go from one mistake to the next, over the ends of rows too."""

    chosen = Signal(object)  # a Mistake

    def __init__(self, model: MistakesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = _MistakeDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Mistakes"))
        self._fit()

        self.doubleClicked.connect(self._on_double_clicked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Not `activated`: on some desktops one click is enough for that.
        if event.key() in _ENTER and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().data(MISTAKE_ROLE))
        else:
            super().keyPressEvent(event)

    def moveCursor(
        self,
        cursorAction: QAbstractItemView.CursorAction,  # noqa: N803 - as Qt calls it
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        steps = {QAbstractItemView.CursorAction.MoveLeft: -1, QAbstractItemView.CursorAction.MoveRight: 1}
        current = self.currentIndex()
        if cursorAction not in steps or not current.isValid():
            return super().moveCursor(cursorAction, modifiers)
        following = self.model().index(current.row() + steps[cursorAction], 0)
        return following if following.isValid() else current

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        super().changeEvent(event)

    def _fit(self) -> None:
        self.setGridSize(self._delegate.cell(self.font()))

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(MISTAKE_ROLE))


class _MistakeDelegate(QStyledItemDelegate):
    """Paints a thumbnail, dark ink on light paper in either theme, and two lines under it."""

    def cell(self, font: QFont) -> QSize:
        """Return the size of a cell, the same for all."""
        widest = self.tr("Pred: {}, Label: {}").format(8, 8)
        words, caption = QFontMetrics(font), QFontMetrics(_caption(font))
        width = max(_SIDE, words.horizontalAdvance(widest)) + 2 * _PADDING + 2 * _GAP
        return QSize(width, _SIDE + words.height() + caption.height() + 2 * _PADDING + 2 * _GAP)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell(option.font)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        mistake = index.data(MISTAKE_ROLE)
        painter.save()
        self._paint_ground(painter, option)
        image = QRect(option.rect.center().x() - _SIDE // 2, option.rect.top() + _PADDING, _SIDE, _SIDE)
        self._paint_image(painter, option.palette, image, mistake)
        height = QFontMetrics(option.font).height()
        line = QRect(option.rect.left(), image.bottom() + 1 + _GAP, option.rect.width(), height)
        painter.setFont(option.font)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(line, _CENTRE, str(index.data()))
        caption = _caption(option.font)
        painter.setFont(caption)
        painter.setPen(theme_colours(option.palette)["muted"])
        below = QRect(line.left(), line.bottom() + 1, line.width(), QFontMetrics(caption).height())
        painter.drawText(below, _CENTRE, f"{100 * mistake.confidence:.0f} %")
        painter.restore()

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
        colours, state = theme_colours(option.palette), option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if not is_selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours["accent"], 1) if has_focus else Qt.PenStyle.NoPen)
        painter.setBrush(colours["pressed" if is_selected else "hover"])
        painter.drawRoundedRect(QRectF(option.rect).adjusted(2.5, 2.5, -2.5, -2.5), 6, 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    @staticmethod
    def _paint_image(painter: QPainter, palette: QPalette, place: QRect, mistake: Mistake) -> None:
        colours = theme_colours(palette)
        ink, paper = sorted((colours["text"], colours["surface"]), key=lambda colour: colour.lightnessF())
        painter.fillRect(place, paper)
        # Without smoothing: every pixel is a square, as the model gets it.
        painter.drawImage(place, ink_image(mistake.image, ink))
        painter.setPen(QPen(colours["line"], 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(-1, -1, 0, 0))


def _caption(font: QFont) -> QFont:
    caption = QFont(font)
    caption.setPixelSize(_CAPTION_PX)
    return caption

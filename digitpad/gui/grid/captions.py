"""The words under thumbnails: laid out once, painted often."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap, QStaticText

from digitpad.core.evaluation.sample_filter import sample_title
from digitpad.core.evaluation.samples import Samples
from digitpad.gui.grid.visible_cells import VisibleCells, rival_caption
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.fonts import CAPTION_PX, tabular_font
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon, verdict_pixmap

_GAP = 4
_NAME_ROOM = 64  # px that a rival's name gets at least, or its own width
_MOST_TEXTS = 4096


class CellCaptions:
    """A title, and for each model that was asked a caption: a tick or a cross, and how sure it is."""

    def __init__(self) -> None:
        self._font, self._small = QFont(), QFont()
        self._title_height = self._caption_height = 0
        self._rival = ""
        self._texts: dict[tuple[str, bool], QStaticText] = {}
        self._marks: dict[tuple[VerdictIcon, str, float], QPixmap] = {}

    def prepare(self, font: QFont, samples: Samples | None, room: int, *, has_answers: bool) -> tuple[int, int]:
        """Be ready for a font and a set, where there is so much room in width; return the width and height needed."""
        self._font, self._small = tabular_font(font), tabular_font(font, CAPTION_PX)
        self._texts.clear()
        title, small = QFontMetrics(self._font), QFontMetrics(self._small)
        self._title_height, self._caption_height = title.height(), small.height()
        widest = title.horizontalAdvance(sample_title(8, 8 if has_answers else None))
        if not has_answers or samples is None:
            return widest, title.height()
        if samples.rival_evaluation is None:
            return widest, title.height() + small.height()
        said = small.horizontalAdvance(rival_caption("", 8, 100)) + MARK + _GAP
        widest = max(widest, said + min(_NAME_ROOM, small.horizontalAdvance(samples.rival)))
        # The name is cut, not the figures after it.
        self._rival = small.elidedText(samples.rival, Qt.TextElideMode.ElideRight, max(widest, room) - said)
        return widest, title.height() + 2 * small.height()

    def paint(self, painter: QPainter, palette: QPalette, cells: VisibleCells, top: int) -> None:
        """Write under the thumbnails, which end so many px below the tops of the cells."""
        centres = [left + width / 2 for left, width in zip(cells.lefts, cells.widths, strict=True)]
        tops = [edge + top + _GAP for edge in cells.tops]
        painter.setFont(self._font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        for text, centre, at in zip(cells.titles(), centres, tops, strict=True):
            ready = self._text(text, is_small=False)
            painter.drawStaticText(QPointF(round(centre - ready.size().width() / 2), at), ready)
        painter.setFont(self._small)
        painter.setPen(theme_colours(palette)["muted"])
        marks = [
            self.mark(painter, mark, verdict_colour(palette, is_right=mark is VerdictIcon.RIGHT)) for mark in _VERDICTS
        ]
        for line, captions in enumerate(cells.captions(self._rival)):
            below = self._title_height + line * self._caption_height
            for (is_right, text), centre, at in zip(captions, centres, tops, strict=True):
                if is_right is not None:
                    self._paint_caption(painter, QPointF(centre, at + below), marks[is_right], text)

    def caption_size(self, text: str) -> QSize:
        """Return how much room a caption needs without its mark, px."""
        metrics = QFontMetrics(self._small)
        return QSize(metrics.horizontalAdvance(text), metrics.height())

    def mark(self, painter: QPainter, mark: VerdictIcon, colour: QColor) -> QPixmap:
        """Return a mark that is drawn already."""
        ratio = painter.device().devicePixelRatioF()
        key = (mark, colour.name(), ratio)
        if key not in self._marks:
            self._marks[key] = verdict_pixmap(mark, colour, ratio)
        return self._marks[key]

    def _paint_caption(self, painter: QPainter, middle: QPointF, mark: QPixmap, text: str) -> None:
        ready = self._text(text, is_small=True)
        left = round(middle.x() - (ready.size().width() + MARK + _GAP) / 2)
        painter.drawPixmap(QPointF(left, middle.y() + (self._caption_height - MARK) // 2), mark)
        painter.drawStaticText(QPointF(left + MARK + _GAP, middle.y()), ready)

    def _text(self, text: str, *, is_small: bool) -> QStaticText:
        """Return a text that is laid out already."""
        ready = self._texts.get((text, is_small))
        if ready is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            ready = QStaticText(text)
            ready.setTextFormat(Qt.TextFormat.PlainText)
            ready.prepare(font=self._small if is_small else self._font)
            self._texts[text, is_small] = ready
        return ready


# In the order of False and True.
_VERDICTS = (VerdictIcon.WRONG, VerdictIcon.RIGHT)

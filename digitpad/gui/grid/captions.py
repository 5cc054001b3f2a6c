"""The captions under thumbnails: laid out once, painted often."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap, QStaticText

from digitpad.core.evaluation.sample_filter import point_title, sample_title
from digitpad.core.evaluation.samples import Samples
from digitpad.core.recognition.prediction import probability_text
from digitpad.core.translation import tr
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon, verdict_pixmap

if TYPE_CHECKING:  # it would load torch
    from digitpad.core.evaluation.result import Evaluation

# Whether an answer is right, which decides on tick or cross, and the text after it; (None, "") for no caption.
Caption = tuple[bool | None, str]

_GAP = 4
_MIN_NAME_WIDTH = 64  # px for the name of the second model, less where the name is shorter
_MAX_TEXTS = 4096
_VERDICTS = (VerdictIcon.WRONG, VerdictIcon.RIGHT)  # in the order of False and True


class CellCaptions:
    """Paints a title under each thumbnail, and for each model a caption: a tick or a cross, and its confidence."""

    def __init__(self) -> None:
        self._font, self._small = QFont(), QFont()
        self._title_height = self._caption_height = 0
        self._second_model = ""
        self._texts: dict[tuple[str, bool], QStaticText] = {}
        self._marks: dict[tuple[VerdictIcon, str, float], QPixmap] = {}

    def prepare(self, font: QFont, samples: Samples | None, width: int, *, has_answers: bool) -> tuple[int, int]:
        """Prepare for a font, a set and thumbnails of a width, px; return the width and height that captions need."""
        self._font, self._small = tabular_font(font), tabular_font(font, CAPTION)
        self._texts.clear()
        title, small = QFontMetrics(self._font), QFontMetrics(self._small)
        self._title_height, self._caption_height = title.height(), small.height()
        point = "0, 1 · " if samples is not None and samples.are_points else ""
        widest = title.horizontalAdvance(point + sample_title(8, None))
        if not has_answers or samples is None:
            return widest, title.height()
        widest = max(widest, small.horizontalAdvance(_caption(8, "99 %")) + px(MARK) + px(_GAP))  # the padding has ">"
        if samples.second_evaluation is None:
            return widest, title.height() + small.height()
        answer = small.horizontalAdvance(second_caption("", 8, ">99 %")) + px(MARK) + px(_GAP)
        name = small.horizontalAdvance(samples.second_model) + 1  # it may have a fraction
        widest = max(widest, answer + min(px(_MIN_NAME_WIDTH), name))
        # The name is cut, not the figures after it.
        self._second_model = small.elidedText(
            samples.second_model, Qt.TextElideMode.ElideRight, max(widest, width) - answer
        )
        return widest, title.height() + 2 * small.height()

    def titles(self, cells: VisibleCells) -> list[str]:
        """Return the title of each cell."""
        titles = [sample_title(label, None) for label in cells.labels]
        if not cells.samples.are_points:
            return titles
        points = map(point_title, cells.samples.digits.images[cells.indices])
        return [f"{point} · {title}" for point, title in zip(points, titles, strict=True)]

    def captions(self, cells: VisibleCells) -> list[list[Caption]]:
        """Return the captions of all cells, a list for the model and one for the model that it is compared with."""
        if not cells.has_answers:
            return []
        first, second = cells.samples.evaluation, cells.samples.second_evaluation
        lines: list[list[Caption]] = []
        if first is not None:
            lines.append([(is_right, _caption(digit, share)) for is_right, digit, share in _answers(first, cells)])
        if second is not None:
            answers, name = _answers(second, cells), self._second_model
            lines.append([(is_right, second_caption(name, digit, share)) for is_right, digit, share in answers])
        return lines

    def paint(self, painter: QPainter, palette: QPalette, cells: VisibleCells, top: int) -> None:
        """Paint the captions under thumbnails that end `top` px below the tops of their cells."""
        centres = [left + width / 2 for left, width in zip(cells.lefts, cells.widths, strict=True)]
        tops = [edge + top + px(_GAP) for edge in cells.tops]
        painter.setFont(self._font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        for title, centre, y in zip(self.titles(cells), centres, tops, strict=True):
            text = self._text(title, is_small=False)
            painter.drawStaticText(QPointF(round(centre - text.size().width() / 2), y), text)
        painter.setFont(self._small)
        painter.setPen(theme_colours(palette)["muted"])
        marks = [
            self.mark(painter, mark, verdict_colour(palette, is_right=mark is VerdictIcon.RIGHT)) for mark in _VERDICTS
        ]
        for line, captions in enumerate(self.captions(cells)):
            below = self._title_height + line * self._caption_height
            for (is_right, text), centre, y in zip(captions, centres, tops, strict=True):
                if is_right is not None:
                    self._paint_caption(painter, QPointF(centre, y + below), marks[is_right], text)

    def caption_size(self, text: str) -> QSize:
        """Return the size of a caption with its mark, px."""
        metrics = QFontMetrics(self._small)
        return QSize(px(MARK + _GAP) + metrics.horizontalAdvance(text), metrics.height())

    def mark(self, painter: QPainter, mark: VerdictIcon, colour: QColor) -> QPixmap:
        """Return the picture of a mark, drawn once for each colour and size."""
        ratio = painter.device().devicePixelRatioF()
        key = (mark, colour.name(), ratio * px(float(MARK)))
        if key not in self._marks:
            self._marks[key] = verdict_pixmap(mark, colour, ratio)
        return self._marks[key]

    def _paint_caption(self, painter: QPainter, middle: QPointF, mark: QPixmap, caption: str) -> None:
        text = self._text(caption, is_small=True)
        left = round(middle.x() - (text.size().width() + px(MARK) + px(_GAP)) / 2)
        painter.drawPixmap(QPointF(left, middle.y() + (self._caption_height - px(MARK)) // 2), mark)
        painter.drawStaticText(QPointF(left + px(MARK) + px(_GAP), middle.y()), text)

    def _text(self, text: str, *, is_small: bool) -> QStaticText:
        """Return a text that is laid out."""
        laid_out = self._texts.get((text, is_small))
        if laid_out is None:
            if len(self._texts) >= _MAX_TEXTS:
                self._texts.clear()
            laid_out = QStaticText(text)
            laid_out.setTextFormat(Qt.TextFormat.PlainText)
            laid_out.prepare(font=self._small if is_small else self._font)
            self._texts[text, is_small] = laid_out
        return laid_out


def _answers(evaluation: "Evaluation", cells: VisibleCells) -> list[tuple[bool, int, str]]:
    """Return for each cell whether the model is right, what it predicted, and its confidence."""
    predicted = evaluation.predicted[cells.indices]
    shares = [probability_text(share, 0) for share in evaluation.confidences[cells.indices].tolist()]
    return list(zip((predicted == cells.labels).tolist(), predicted.tolist(), shares, strict=True))


def _caption(digit: int, share: str) -> str:
    return tr("predicted {}, {}").format(digit, share)


def second_caption(name: str, digit: int, share: str) -> str:
    """Return what the second model of a comparison predicts: "CNN: 4, 97 %"."""
    return f"{name}: {digit}, {share}"

"""A plot of a few samples: as large as fits the room, with the captions of the tutorials' plots."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette

from digitpad.core.evaluation.sample_filter import plot_title, point_title
from digitpad.core.evaluation.samples import Samples
from digitpad.core.translation import tr
from digitpad.gui.grid.captions import Caption, CellCaptions
from digitpad.gui.grid.cell_painter import CellPainter
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.grid.zoom import SMALLEST_SIDE
from digitpad.gui.theme.colours import verdict_colour
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon

_PADDING, _GAP = 3, 4
# Large pictures have large captions: the width of a picture with usual type, px, and the limits of the type.
_USUAL_WIDTH, _LARGEST_TYPE, _SMALLEST_TYPE = 216, 1.5, 0.82
_WIDEST = 1.3  # a cell, in sides of its picture: more would take the plot apart


class PlotCaptions(CellCaptions):
    """Paints "Pred: 9, Label: 4" under each picture, on two lines where it is narrow; wrong ones in red."""

    def __init__(self) -> None:
        super().__init__()
        self._is_split = False

    def fit(self, font: QFont, samples: Samples, width: int, *, has_answers: bool) -> tuple[int, int]:
        """Choose font and lines for cells of a width, px; return the width and height that captions need."""
        self._texts.clear()
        mark = px(MARK + _GAP) if has_answers else 0
        whole = ("0, 1 · " if samples.are_points else "") + plot_title(8, 8 if has_answers else None)
        for size in (min(_LARGEST_TYPE, max(1.0, width / px(_USUAL_WIDTH))), 1.0, CAPTION, _SMALLEST_TYPE):
            self._small = tabular_font(font, size)
            metrics = QFontMetrics(self._small)
            wide = metrics.horizontalAdvance(whole) + mark
            if wide <= width:
                break
        self._caption_height = metrics.height()
        self._is_split = has_answers and wide > width
        if self._is_split:
            wide = max(metrics.horizontalAdvance(text) for text in (_predicted_text(8), plot_title(8, None))) + mark
        lines = 1 + self._is_split
        if has_answers and samples.second_evaluation is not None:
            lines += 1
            room = max(wide, width) - mark - metrics.horizontalAdvance(": 8")
            self._second_model = metrics.elidedText(samples.second_model, Qt.TextElideMode.ElideRight, room)
        return wide, lines * metrics.height()

    def captions(self, cells: VisibleCells) -> list[list[Caption]]:
        labels, points = cells.labels, [""] * len(cells.labels)
        if cells.samples.are_points:
            points = [f"{point_title(image)} · " for image in cells.samples.digits.images[cells.indices]]
        first, second = cells.samples.evaluation, cells.samples.second_evaluation
        plain: list[Caption] = [(None, p + plot_title(label, None)) for p, label in zip(points, labels, strict=True)]
        if first is None:
            return [plain]
        answers = list(zip(points, labels, first.predicted[cells.indices].tolist(), strict=True))
        lines: list[list[Caption]] = [[(digit == label, p + plot_title(label, digit)) for p, label, digit in answers]]
        if self._is_split:
            lines = [[(digit == label, _predicted_text(digit)) for _, label, digit in answers], plain]
        if second is not None:
            others = zip(labels, second.predicted[cells.indices].tolist(), strict=True)
            lines.append([(digit == label, f"{self._second_model}: {digit}") for label, digit in others])
        return lines

    def paint(self, painter: QPainter, palette: QPalette, cells: VisibleCells, top: int) -> None:
        painter.setFont(self._small)
        for line, captions in enumerate(self.captions(cells)):
            below = top + px(_GAP // 2) + line * self._caption_height
            for at, (is_right, text) in enumerate(captions):
                middle = QPointF(cells.lefts[at] + cells.widths[at] / 2, cells.tops[at] + below)
                self._paint_line(painter, palette, middle, is_right, text, is_selected=bool(cells.selected[at]))

    def _paint_line(
        self,
        painter: QPainter,
        palette: QPalette,
        middle: QPointF,
        is_right: bool | None,
        text: str,
        *,
        is_selected: bool,
    ) -> None:
        """Paint a line of a caption; on the tint of a selection red would be hard to read."""
        ink = palette.color(QPalette.ColorRole.Text)
        if is_right is None:
            painter.setPen(ink)
            laid_out = self._text(text, is_small=True)
            painter.drawStaticText(QPointF(round(middle.x() - laid_out.size().width() / 2), middle.y()), laid_out)
            return
        colour = verdict_colour(palette, is_right=is_right)
        painter.setPen(ink if is_right or is_selected else colour)
        icon = VerdictIcon.RIGHT if is_right else VerdictIcon.WRONG
        self._paint_caption(painter, middle, self.mark(painter, icon, colour), text)


class PlotPainter(CellPainter):
    """Paints pictures that are as large as fits."""

    def __init__(self) -> None:
        self._plot_captions = PlotCaptions()
        super().__init__(self._plot_captions)

    @property
    def has_captions(self) -> bool:
        return True

    @property
    def padding(self) -> int:
        return px(_PADDING)

    def fit(self, room: QSize, columns: int, lines: int, font: QFont, samples: Samples, *, has_answers: bool) -> QSize:
        """Prepare for a room with so many columns and lines; return the size of a cell."""
        width, height = room.width() // columns, room.height() // lines
        captions = self._plot_captions.fit(font, samples, width - px(2 * _PADDING), has_answers=has_answers)
        below = captions[1] + px(_GAP // 2) + px(2 * _PADDING)
        self._side = max(SMALLEST_SIDE, min(width - px(2 * _PADDING), height - below))
        widest = max(captions[0], round((_WIDEST if columns > 1 else 1) * self._side)) + px(2 * _PADDING)
        return QSize(max(min(width, widest), self._side + px(2 * _PADDING)), self._side + below)


def _predicted_text(digit: int) -> str:
    return tr("Pred: {}").format(digit)

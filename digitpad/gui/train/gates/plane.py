"""The plane of a gate's two inputs: its four points, the lines of perceptrons, and where the output is 1."""

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.loading import POINTS
from digitpad.core.evaluation.weight_images import PLANE, described
from digitpad.core.models.perceptron import Perceptron
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.weights.grid import WeightGrid, point_at, point_in
from digitpad.gui.widgets.sentences import with_minus

# Points along each axis for which the output is computed: fine enough for a straight edge.
_FINENESS = 200
_SHADE = 0.4  # of the colour that stands for 1
_SPAN = 4.0  # a line this long on both sides of its middle crosses the plane


class GatePlane(WeightGrid):
    """Shades where the output is 1, draws the lines, and marks the points that are wrong."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Mapping[str, Perceptron] = {}
        self._wrong: tuple[int, ...] = ()
        self._outputs: Callable[[np.ndarray], np.ndarray] = lambda points: np.zeros(len(points), int)
        self.largest_surface = 1200

    def show_gate(
        self,
        outputs: Callable[[np.ndarray], np.ndarray],
        lines: Mapping[str, Perceptron],
        labels: tuple[int, ...],
    ) -> None:
        """Show a gate.

        `outputs` computes 0 or 1, (n,), of points (n, 2); `lines` are perceptrons by name; `labels` are those that the
        four points should have.
        """
        self._outputs, self._lines = outputs, lines
        self._wrong = tuple(np.flatnonzero(outputs(np.array(POINTS)) != labels).tolist())
        along = np.linspace(*PLANE, _FINENESS)
        second, first = np.meshgrid(along[::-1], along, indexing="ij")
        shades = outputs(np.stack([first.ravel(), second.ravel()], axis=1)).reshape(1, *first.shape) * _SHADE
        self.set_labels(labels)
        self.show_images(described("surface", shades.astype(np.float32), 1))

    def text_at(self, position: QPointF) -> str:
        """Return the inputs and the output at a position."""
        rects = self.image_rects()
        if not rects or not rects[0].contains(position):
            return ""
        x1, x2 = point_at(rects[0], position)
        output = self._outputs(np.array([[x1, x2]]))[0]
        return self.tr("x1 = {}, x2 = {}: output {}").format(*(with_minus(f"{x:.2f}") for x in (x1, x2)), output)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(220), px(220))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        for rect in self.image_rects():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(rect)
            for name, perceptron in self._lines.items():
                self._paint_line(painter, rect, name, perceptron)
            self._paint_crosses(painter, rect)

    def _paint_line(self, painter: QPainter, rect: QRectF, name: str, perceptron: Perceptron) -> None:
        """Draw where the sum is 0: at its point nearest to (0, 0) and on both sides of it."""
        length = np.hypot(perceptron.w1, perceptron.w2)
        if not length:
            return
        normal = np.array([perceptron.w1, perceptron.w2]) / length
        middle, along = -perceptron.b / length * normal, np.array([-normal[1], normal[0]])
        colours = theme_colours(self.palette())
        painter.setPen(QPen(colours["accent"], px(2.5)))
        painter.drawLine(*(point_in(rect, *(middle + way * _SPAN * along)) for way in (-1, 1)))
        if name:
            metrics = QFontMetricsF(self.font())
            label = QRectF(0, 0, metrics.horizontalAdvance(name) + px(12), metrics.height() + px(4))
            label.moveCenter(point_in(rect, *middle))
            painter.setBrush(colours["surface"])
            painter.setPen(QPen(colours["accent"], 1))
            painter.drawRoundedRect(label, px(4), px(4))
            painter.setPen(colours["text"])
            painter.setFont(self.font())
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_crosses(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(theme_colours(self.palette())["wrong"], px(3)))
        for number in self._wrong:
            centre = point_in(rect, *POINTS[number]) + QPointF(px(18), -px(18))
            for way in (QPointF(px(5), px(5)), QPointF(px(5), -px(5))):
                painter.drawLine(centre - way, centre + way)

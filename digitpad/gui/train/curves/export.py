"""Learning curves as image files: on white and in the colours of the light theme."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, sized_font, tabular_font
from digitpad.gui.train.curves.legend import LegendEntry, legend_height, paint_legend
from digitpad.gui.train.curves.series import CurveContent, CurveOptions, Headings
from digitpad.gui.train.curves.style import CurveStyle

_MARGIN = 16
_TITLE_TYPE = 1.15


@dataclass(frozen=True, slots=True, eq=False)
class CurveFigure:
    """The content of a saved figure."""

    title: str
    content: CurveContent
    options: CurveOptions
    legend: tuple[LegendEntry, ...]
    headings: Headings
    end: float  # of the epoch axis
    x_range: tuple[float, float]


def paper_style(font: QFont, shares: tuple[float, ...] = ()) -> CurveStyle:
    """Return the style of saved figures; `shares` is as in `CurveStyle`."""
    return CurveStyle(
        {**theme_colours("light"), "window": QColor(Qt.GlobalColor.white)},
        tabular_font(font, CAPTION),
        shares=shares,
    )


def figure_image(figure: CurveFigure, style: CurveStyle, size: QSize, scale: float) -> QImage:
    """Return a figure of `size` px; each px is `scale` pixels of the image wide and high."""
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(style.background)
    painter = QPainter(image)
    _paint_figure(painter, figure, style, size, scale)
    painter.end()
    return image


def figure_svg(figure: CurveFigure, style: CurveStyle, size: QSize) -> bytes:
    """Return a figure as the bytes of an SVG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    # Otherwise the labels of the ticks, which pyqtgraph records first, would be smaller than measured.
    generator.setResolution(round(QGuiApplication.primaryScreen().logicalDotsPerInch()))
    generator.setViewBox(QRectF(QPointF(), size.toSizeF()))
    generator.setTitle(figure.title)
    painter = QPainter(generator)
    painter.setFont(style.font)
    painter.fillRect(QRectF(QPointF(), size.toSizeF()), style.background)
    _paint_figure(painter, figure, style, size, 1.0)
    painter.end()
    buffer.close()
    return bytes(content.data())


def _paint_figure(painter: QPainter, figure: CurveFigure, style: CurveStyle, size: QSize, ratio: float) -> None:
    from digitpad.gui.train.curves.plots import CurvePlots

    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setFont(style.font)
    rect = QRectF(QPointF(), size.toSizeF()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    if figure.title:
        font = sized_font(style.font, _TITLE_TYPE)
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(style.colours["text"])
        title = metrics.elidedText(figure.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop, title)
        rect.adjust(0, metrics.height() + 6, 0, 0)
    painter.save()
    paint_legend(painter, rect, figure.legend, style)
    painter.restore()
    rect.adjust(0, legend_height(figure.legend, style, rect.width()), 0, 0)

    plots = CurvePlots(style, paper_ratio=ratio)
    plots.resize(rect.size().toSize())
    # It must be laid out as on the screen, without appearing there.
    plots.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    plots.show()
    plots.set_headings(figure.headings)
    plots.set_axis(figure.end, max(figure.end, figure.x_range[1]))
    plots.set_x_range(*figure.x_range)
    plots.show_content(figure.content, figure.options)
    plots.render(painter, rect, plots.rect(), Qt.AspectRatioMode.IgnoreAspectRatio)
    plots.hide()
    plots.deleteLater()

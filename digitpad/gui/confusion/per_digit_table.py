"""Precision, recall and F1 of each digit, and the metrics of all digits in a line."""

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from digitpad.core.evaluation.metrics import Metrics
from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.images.digits import CLASSES
from digitpad.core.translation import tr_noop
from digitpad.gui.confusion.per_digit_model import PerDigitModel
from digitpad.gui.help.term_label import explain, place_for
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import HandledKeys

_ROW, _HEADER = 22, 24
_BEFORE, _AFTER = 1, 8  # px beside a heading
_LEAST_WIDTHS = (30, 50, 50, 60, 51)  # px for the figures of each column


class PerDigitTable(QTableView):
    """A click on a row, Enter or Space requests its digit; a click on a heading asks for the guide; Ctrl+C copies."""

    HANDLED_KEYS = (
        HandledKeys(("Space", "Return"), tr_noop("in the table of digits: show the samples of the digit")),
        HandledKeys(("Ctrl+C",), tr_noop("in a table, a large picture or Inside: copy the numbers")),
    )

    digit_requested = Signal(int)
    guide_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures = PerDigitModel(self)
        explain(self, "glossary#precision_recall")
        self._set_up()
        self.clicked.connect(self._on_clicked)
        self.horizontalHeader().sectionClicked.connect(self._on_heading_clicked)

    def show_metrics(self, metrics: Metrics | None) -> None:
        """Show metrics; None empties the table."""
        self._figures.show_metrics(metrics)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._share_width()

    def _share_width(self) -> None:
        """Give each column what its heading and its figures need, and an equal part of the rest."""
        header, columns = self.horizontalHeader(), range(self._figures.columnCount())
        needed = [max(header.sectionSizeHint(column), px(_LEAST_WIDTHS[column])) for column in columns]
        rest = self.viewport().width() - sum(needed)
        for column, width in zip(columns, needed, strict=True):
            header.resizeSection(column, width + rest // len(columns) + (column < rest % len(columns)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._figures.as_text())
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.digit_requested.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # A row is highlighted only with the keyboard focus; other widgets show the selected digit.
        self.clearSelection()
        super().focusOutEvent(event)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.digit_requested.emit(index.row())

    @Slot()
    def _on_heading_clicked(self) -> None:
        self.guide_requested.emit(place_for(self))

    def _set_up(self) -> None:
        self.setModel(self._figures)
        self.setHorizontalHeader(_Headings(Qt.Orientation.Horizontal, self))
        self.setAccessibleName(self.tr("Precision, recall and F1 of each digit"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(px(_ROW))
        self.verticalHeader().setDefaultSectionSize(px(_ROW))
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(px(16))
        header.setFixedHeight(px(_HEADER))
        self.setFixedHeight(px(_HEADER) + CLASSES * px(_ROW) + 2 * self.frameWidth())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class _Headings(QHeaderView):
    """Aligns each heading with its figures; the margins of the style sheet would cut it off."""

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:  # noqa: N803 - Qt's name
        text = self.model().headerData(logicalIndex, self.orientation())
        width = QFontMetrics(sized_font(self.font(), CAPTION)).horizontalAdvance(text)
        return QSize(width + px(_BEFORE + _AFTER), px(_HEADER))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        painter.setFont(sized_font(self.font(), CAPTION))
        painter.setPen(theme_colours(QGuiApplication.palette())["muted"])
        text = self.model().headerData(logicalIndex, self.orientation())
        place = rect.adjusted(px(_BEFORE), 0, -px(_AFTER), 0)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def summary_text(metrics: Metrics, loss: ModelLoss) -> str:
    """Return the metrics in a line: "92.68 % right · 732 of 10,000 wrong · … · calibration error (ECE) 1.1 %"."""
    if not metrics.count:
        return QCoreApplication.translate("PerDigitTable", "no samples")
    text = QCoreApplication.translate(
        "PerDigitTable", "{} % right · {} of {} wrong · {} · calibration error (ECE) {} %"
    )
    return text.format(
        _right_percent(metrics),
        f"{metrics.wrong:,}",
        f"{metrics.count:,}",
        loss.described(metrics.loss),
        f"{metrics.calibration_error * 100:.1f}",
    )


def _right_percent(metrics: Metrics) -> str:
    # If 1 of 60,000 is wrong, do not show 100.00 %.
    share = metrics.accuracy * 100
    return f"{min(share, 99.99) if metrics.wrong else share:.2f}"


def ece_help() -> str:
    """Return an explanation of the last figure of `summary_text`."""
    return QCoreApplication.translate(
        "PerDigitTable",
        "ECE, expected calibration error: how far the model's confidence is from how often it is right, on average; "
        "0 % means that of the answers it is 90 % sure of, 90 % are right. The confidence is the probability of a "
        "softmax; for other outputs it is the share of the predicted one in their sum, which no training made into a "
        "probability.",
    )

"""A scale with the digit score of a drawing and the threshold below which a drawing is refused."""

from PySide6.QtCore import QEvent, QLineF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QToolTip, QWidget

from digitpad.core.detection.digit_detector import THRESHOLD
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, probability_text
from digitpad.core.translation import tr_noop
from digitpad.gui.help.term_label import TermLabel, explain
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, least_width
from digitpad.gui.widgets.sentences import wrapped
from digitpad.gui.widgets.shortcut_override import HandledKeys, is_reset_key, overrides_shortcut
from digitpad.gui.widgets.throttle import SignalThrottle

_TRACK = 8.0
_MARK = 7.0  # half the height of the threshold's mark
_GRAB = 8.0  # px: this far from the mark the mouse takes it
_DRAG = 3.0  # px: a hand that only clicks moves less
_STEP = 5  # per cent
_SCORE_EVERY_MS = 33  # the answer is more important


class DigitScoreMeter(QWidget):
    """Shows how much the drawing looks like a digit, 0 to 100 %, and a mark that the user can move."""

    threshold_requested = Signal(float)
    guide_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = _Scale()  # of the threshold
        self._disabled_reason = ""  # why the model has no digit score
        self._score = QLabel()
        self.reset = QPushButton(self.tr("Reset"))
        self._name, self._row = TermLabel(self.tr("Digit score"), "glossary#digit_score"), QWidget()
        for label in (self._name, self._score):
            label.setProperty("role", "muted")
        metrics = self._score.fontMetrics()
        # A fixed size: a label that grows would start a new layout with every score.
        self._score.setFixedSize(metrics.horizontalAdvance(WIDEST_PROBABILITY) + px(6), metrics.height() + px(2))
        self._score.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        explain(self, "glossary#digit_score")
        self.scale.setAccessibleName(self.tr("Lowest digit score that is answered"))

        self.reset.setProperty("role", "link")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.reset.setToolTip(self.tr("Move the mark back to {} %").format(round(100 * THRESHOLD)))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)

        hbox((self.scale, 1), self.reset, self._score, parent=self._row, spacing=8)
        self._layout = hbox(self._name, (self._row, 1), parent=self, spacing=8, margins=(12, 0, 12, 0))
        self.scale.valueChanged.connect(self._on_moved)
        self._name.guide_requested.connect(self.guide_requested)
        self.reset.clicked.connect(self.scale.reset)
        self.show_score(None)
        self.show_threshold(THRESHOLD)

    @property
    def least_width(self) -> int:
        """The smallest width with the name beside the scale, px."""
        margins, parts = self._layout.contentsMargins(), (self._name, self._row)
        width = sum(map(least_width, parts)) + self._layout.spacing()
        return width + margins.left() + margins.right()

    def set_narrow(self, *, on: bool) -> None:
        """Have the name above the scale, or beside it."""
        directions = QBoxLayout.Direction
        self._layout.setDirection(directions.TopToBottom if on else directions.LeftToRight)

    @property
    def threshold(self) -> float:
        """The threshold in [0, 1]."""
        return self.scale.value() / 100

    def show_score(self, score: float | None) -> None:
        """Show a digit score in [0, 1]; None clears it."""
        self.scale.show_score(score)
        text = "" if score is None else probability_text(score, 0)
        if self._score.text() != text:
            self._score.setText(text)

    def show_threshold(self, threshold: float) -> None:
        """Move the mark without emitting `threshold_requested`."""
        was_blocked = self.scale.blockSignals(True)
        self.scale.setValue(round(100 * threshold))
        self.scale.blockSignals(was_blocked)
        self._show_mark()

    def set_disabled_reason(self, reason: str) -> None:
        """Disable the scale and show the reason in its tooltip; an empty reason enables it."""
        self._disabled_reason = reason
        self.setEnabled(not reason)
        self._show_mark()

    @Slot(int)
    def _on_moved(self, _value: int) -> None:
        self._show_mark()
        self.threshold_requested.emit(self.threshold)

    def _show_mark(self) -> None:
        self.reset.setVisible(self.isEnabled() and self.threshold != THRESHOLD)
        score_tip = self.tr(
            "How much the drawing looks like a digit: 0 to 100 %. Below the mark the answer is “Probably not a digit”."
        )
        mark_tip = self.tr(
            "The threshold, {} %: a drawing with a lower digit score is “Probably not a digit”. Drag it, or move it "
            "with the arrow keys."
        ).format(self.scale.value())
        self.setToolTip(self._disabled_reason or wrapped(score_tip))
        self.scale.mark_tip = self._disabled_reason or wrapped(mark_tip)


class _Scale(QSlider):
    """A slider whose groove is filled up to the score."""

    HANDLED_KEYS = (HandledKeys(("Del", "Backspace"), tr_noop("in the digit score: move the mark back")),)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.mark_tip = ""  # what the mark is
        self._score: float | None = None
        self._painted: tuple[int, bool] | None = None  # the bar on the screen, see `_bar_of`
        self._throttle = SignalThrottle(_SCORE_EVERY_MS, self)
        self._throttle.triggered.connect(self._repaint_bar)
        self._pressed_at: float | None = None  # px from the left, while the mark is held
        self.setMouseTracking(True)
        self.setRange(0, 100)
        self.setSingleStep(_STEP)
        self.setPageStep(2 * _STEP)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_score(self, score: float | None) -> None:
        self._score = score
        self._throttle.throttle()

    @Slot()
    def _repaint_bar(self) -> None:
        if self._bar_of(self._score) != self._painted:
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(160), px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(36), px(24))

    @Slot()
    def reset(self) -> None:
        """Move the mark to the default."""
        self.setValue(round(100 * THRESHOLD))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Only the mark can be dragged: a click beside it would change every later answer by accident.
        if event.button() == Qt.MouseButton.LeftButton and self._is_at_mark(event.position().x()):
            self._pressed_at = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed_at is None:
            self.setCursor(Qt.CursorShape.SizeHorCursor if self._is_at_mark(x) else Qt.CursorShape.ArrowCursor)
        elif self.isSliderDown() or abs(x - self._pressed_at) >= px(_DRAG):
            self.setSliderDown(True)
            self._move_to(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        self.setSliderDown(False)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._is_at_mark(event.pos().x()):
            reach = round(px(_GRAB))
            around = QRect(round(self._x_of(self.value(), self._track())) - reach, 0, 2 * reach, self.height())
            QToolTip.showText(event.globalPos(), self.mark_tip, self, around)
            return True
        # The page's Delete would clear the pad.
        return overrides_shortcut(event, is_reset_key) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_reset_key(event):
            self.reset()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, track = QGuiApplication.palette(), self._track()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme_colours(palette)
        paint_track(painter, track, colours)
        self._painted = self._bar_of(self._score)
        if self._painted is not None:
            width, is_refused = self._painted
            painter.setBrush(colours["wrong"] if is_refused else palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(track.left(), track.top(), width, track.height()), px(3), px(3))
        x, middle, reach = self._x_of(self.value(), track), track.center().y(), px(_MARK)
        mark = QLineF(x, middle - reach, x, middle + reach)
        resting = QPalette.ColorRole.Text if self.isEnabled() else QPalette.ColorRole.Mid
        role = QPalette.ColorRole.Highlight if self.hasFocus() else resting
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Window), px(5)))
        painter.drawLine(mark)
        painter.setPen(QPen(palette.color(role), px(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(mark)

    def _bar_of(self, score: float | None) -> tuple[int, bool] | None:
        """Return the width of a score's bar, px, and whether the score is below the mark."""
        if score is None:
            return None
        return max(2, round(self._track().width() * score)), score < self.value() / 100

    def _track(self) -> QRectF:
        return QRectF(px(3), (self.height() - px(_TRACK)) / 2, self.width() - px(6), px(_TRACK))

    def _x_of(self, value: int, track: QRectF) -> float:
        return track.left() + track.width() * value / 100

    def _is_at_mark(self, x: float) -> bool:
        return abs(x - self._x_of(self.value(), self._track())) <= px(_GRAB)

    def _move_to(self, x: float) -> None:
        track = self._track()
        self.setValue(round(100 * (x - track.left()) / max(track.width(), 1.0)))

"""The canvas: turns mouse, touch and pen events into strokes, and shows the drawing."""

from enum import Enum, auto

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QEventPoint,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.ink.drawing import EMPTY, PAD, PEN_WIDTH, Drawing, Point, erase
from digitpad.core.translation import tr_noop
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.draw.keyboard_pen import DIRECTIONS, KeyboardPen
from digitpad.gui.draw.open_stroke import OpenStroke
from digitpad.gui.draw.pointers import PenWatch, Pointer, PointerKind, may_begin
from digitpad.gui.draw.stroke_cache import StrokeCache
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import ink_and_paper
from digitpad.gui.theme.fonts import fitted_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys, overrides_shortcut

ERASER_RADIUS = 14.0
_CORNER = 10.0
_PEN_MARK = 9.0  # radius, px
_FAINT = 0.65  # the opacity of the placeholder; its contrast is still 4.5
_HINT_MARGIN = 16  # px at both sides of the placeholder


class Tool(Enum):
    """Whether the pointer draws or erases."""

    PEN = auto()
    ERASER = auto()


class InkCanvas(QWidget):
    """A square pad that shows a drawing and reports edits; the owner of the drawing applies them.

    `ink_changed` is emitted with every move of the pen and carries the drawing as it looks then. `edited` is emitted
    when the pen is lifted, with the new drawing and the name of the undo step; the owner then calls `show_drawing`.
    """

    HANDLED_KEYS = (
        HandledKeys((*ARROWS, "Home", "PgUp", "End", "PgDown"), tr_noop("on the pad: move a pen; with Shift a little")),
        HandledKeys(("Space",), tr_noop("on the pad: put the pen down, or lift it")),
        HandledKeys(("Esc",), tr_noop("while you draw: give the stroke up")),
    )
    accessible_role = QAccessible.Role.Canvas

    stroke_started = Signal()
    stroke_ended = Signal()
    pointer_moved = Signal(object)  # its position, px; None when it leaves
    ink_changed = Signal(object)
    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = EMPTY
        self.starts_afresh = False  # whether the next stroke replaces the drawing, which was kept
        self._tool = Tool.PEN
        self._active_tool: Tool | None = None
        self._owner: Pointer | None = None  # the pointer that draws or erases, from its press to its release
        self._pen_watch = PenWatch()
        self._stroke = OpenStroke()
        self._last: Point | None = None  # where the pointer was, pad units; also outside the pad
        self._working = EMPTY  # the drawing with what the pen or the eraser has done since it is down
        self._cache = StrokeCache()
        self._pointer: QPointF | None = None
        self._pen = KeyboardPen()
        self._placeholder = self.tr("Draw a digit, 0 to 9")

        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMouseTracking(True)
        self.setTabletTracking(True)  # a pen that only hovers is near
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(px(96), px(96))
        self.setAccessibleName(self.tr("Drawing pad"))
        self.setAccessibleDescription(self._keys_text)

    @property
    def _keys_text(self) -> str:
        return self.tr("Arrow keys move a pen, Space puts it down and lifts it")

    @property
    def hint(self) -> str:
        """What the empty pad says: what to draw and, once a key has moved the pen, which keys draw."""
        return self._placeholder if self._pen.place is None else f"{self._placeholder}\n\n{self._keys_text}"

    @property
    def is_drawing(self) -> bool:
        """Whether the pen or the eraser is down."""
        return self._active_tool is not None

    @property
    def current_drawing(self) -> Drawing:
        """The drawing as it looks now, with an unfinished stroke."""
        return self._working if self.is_drawing else self._drawing

    def show_drawing(self, drawing: Drawing) -> None:
        """Show a drawing; an unfinished stroke is discarded."""
        was_drawing = self.is_drawing
        self._drawing, self._active_tool, self._owner = drawing, None, None
        self._repaint_all()
        self.ink_changed.emit(drawing)
        if was_drawing:
            self.stroke_ended.emit()

    @property
    def pen_width(self) -> float:
        """The width of strokes on the screen, pad units."""
        return self._cache.pen_width

    def set_pen_width(self, width: float) -> None:
        """Set the width of strokes on the screen; the models' input does not change."""
        self._cache.pen_width = width
        self._repaint_all()

    def set_placeholder(self, text: str) -> None:
        """Set the text that the empty pad shows."""
        self._placeholder = text
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose the pen or the eraser."""
        self._tool = tool
        self.setCursor(Qt.CursorShape.BlankCursor if tool is Tool.ERASER else Qt.CursorShape.CrossCursor)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(560), px(560))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if self._owner != _KEYS:
                self._pen.place = None
            self._press(_mouse(event), event.position(), self._tool)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_other(_mouse(event)):
            return  # the keyboard's pen is down, or a finger
        self._hover(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event.position())
        else:
            self._end()  # another window got the release

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._is_other(_mouse(event)):
            self._end()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()  # or Qt sends it again as mouse events
        self._pen_watch.note()
        if self._owner is not None and self._owner.kind is PointerKind.TOUCH:
            self._cancel()  # the hand touched the screen before the pen
        pen = Pointer(PointerKind.PEN, event.pointingDevice().systemId())
        if self._is_other(pen):
            return
        is_tip = event.button() == Qt.MouseButton.LeftButton  # the other buttons are on the pen's side
        match event.type():
            case QEvent.Type.TabletPress if is_tip:
                is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
                self._press(pen, event.position(), Tool.ERASER if is_eraser else self._tool)
            case QEvent.Type.TabletMove:
                self._hover(event.position())
                if event.buttons() == Qt.MouseButton.NoButton and not event.pressure():
                    self._end()  # another window got the release
                self._move(event.position())
            case QEvent.Type.TabletRelease if is_tip:
                self._end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()  # also an ignored one, or Qt sends it again as mouse events
            return True
        return overrides_shortcut(event, self._handles_key) or super().event(event)

    def _handles_key(self, event: QKeyEvent) -> bool:
        return self.is_drawing or _is_pen_key(event)  # every key while the pen is down

    def _touch(self, event: QTouchEvent) -> None:
        device, points = event.pointingDevice().systemId(), event.points()
        if event.type() == QEvent.Type.TouchBegin and points:
            self._press(Pointer(PointerKind.TOUCH, device, points[0].id()), points[0].position(), self._tool)
        for point in points:
            if self._owner != Pointer(PointerKind.TOUCH, device, point.id()):
                continue  # only the first finger draws
            if event.type() == QEvent.Type.TouchCancel:
                self._cancel()
                return
            self._move(point.position())
            if point.state() == QEventPoint.State.Released:
                self._end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._end()  # a menu or dialog gets the pointer's release
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_pen_key(event) and (self._owner in (None, _KEYS)):
            self._use_pen(event)
        elif not self.is_drawing:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Undo):
            self._cancel()

    def _use_pen(self, event: QKeyEvent) -> None:
        """Move the keyboard's pen, put it down or lift it."""
        if event.key() != Qt.Key.Key_Space:
            self._pen.move(event.key(), is_small=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            self._move(self._pen_position())
        elif event.isAutoRepeat():
            return
        elif self.is_drawing:
            self._end()
            announce(self, self.tr("Pen up"))
        else:
            self._pen.appear()
            self._press(_KEYS, self._pen_position(), self._tool)
            announce(self, self.tr("Pen down"))
        self.update()

    def _pen_position(self) -> QPointF:
        square, (x, y) = self.pad_rect(), self._pen.appear()
        return square.topLeft() + QPointF(x, y) * (square.width() / PAD)

    def _is_other(self, pointer: Pointer) -> bool:
        """Return whether another pointer draws now."""
        return self._owner is not None and self._owner != pointer

    def _press(self, pointer: Pointer, position: QPointF, tool: Tool) -> None:
        if not may_begin(pointer, self._owner, is_pen_near=self._pen_watch.is_near):
            return
        self._end()
        if self.starts_afresh and tool is Tool.PEN and self._drawing:
            self.edited.emit(EMPTY, self.tr("new drawing"))
        self._owner, self._active_tool = pointer, tool
        self._working = self._drawing
        self._stroke, self._last = OpenStroke(), None
        self.stroke_started.emit()
        self._extend(self._to_pad(position))

    def _move(self, position: QPointF) -> None:
        if self._active_tool is None:
            return
        point = self._to_pad(position)
        if point != self._last:
            self._extend(point)

    def _extend(self, point: Point) -> None:
        before, self._last = self._last or point, point
        if self._active_tool is Tool.PEN:
            if segment := self._stroke.add(point):
                self._paint_newest_segment(segment)
                self._working = self._drawing.with_stroke(*self._stroke.parts)
                self.ink_changed.emit(self._working)
            return
        working = erase(self._working, before, point, ERASER_RADIUS, self.pen_width)
        if working is not self._working:
            self._working = working
            # On both sides of a cut, ink disappears up to a pen width away.
            reach = ERASER_RADIUS + 2 * max(PEN_WIDTH, self.pen_width)
            self._cache.repaint_around(working, before, point, reach)
            self.ink_changed.emit(working)
        self.update()

    def _end(self) -> None:
        shown, gesture, self._active_tool, self._owner = self.current_drawing, self._active_tool, None, None
        if gesture is not None and shown is not self._drawing:
            self.edited.emit(shown, self.tr("stroke") if gesture is Tool.PEN else self.tr("erase"))
        if gesture is not None:
            self.stroke_ended.emit()

    def _cancel(self) -> None:
        self.show_drawing(self._drawing)

    def pad_rect(self) -> QRectF:
        """Return the pad's place in the widget, logical px."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def focus_rect(self) -> QRect:
        """Return what the focus ring is around, px."""
        return self.pad_rect().toRect()

    def _to_pad(self, position: QPointF) -> Point:
        square = self.pad_rect()
        scale = PAD / square.width()
        return (position.x() - square.x()) * scale, (position.y() - square.y()) * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square = self.pad_rect()
        palette, corner = self.palette(), px(_CORNER)
        ink, paper = ink_and_paper(palette)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(paper)
        painter.drawRoundedRect(square.adjusted(0.75, 0.75, -0.75, -0.75), corner, corner)
        if not self._drawing and not self.is_drawing:
            self._paint_placeholder(painter, square)
        drawing = self._working if self._active_tool is Tool.ERASER else self._drawing
        stroke = self._stroke if self._active_tool is Tool.PEN else None
        pixmap = self._cache.pixmap(square.width(), self.devicePixelRatioF(), drawing, stroke, ink)
        painter.drawPixmap(square.topLeft(), pixmap)
        self._paint_eraser(painter, square)
        self._paint_pen(painter, square)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._cache.invalidate()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._repaint_all()
        super().changeEvent(event)

    def _ink_colour(self) -> QColor:
        return ink_and_paper(self.palette())[0]

    def _repaint_all(self) -> None:
        self._cache.invalidate()
        self.update()

    def _paint_newest_segment(self, segment: list[Point]) -> None:
        """Add the newest segment of the stroke to the cache, and repaint only the region that it touches."""
        touched = self._cache.add_segment(segment)
        square = self.pad_rect()
        scale = square.width() / PAD
        place = QRectF(touched.topLeft() * scale + square.topLeft(), touched.size() * scale)
        # The first point also removes the placeholder.
        self.update(self.rect() if self._stroke.is_new else place.toAlignedRect())

    def _paint_placeholder(self, painter: QPainter, square: QRectF) -> None:
        ink = QColor(self._ink_colour())
        ink.setAlphaF(_FAINT)
        painter.setPen(ink)
        painter.setFont(fitted_font(self.font(), max(px(14), square.width() / 24)))
        room = square.adjusted(px(_HINT_MARGIN), 0, -px(_HINT_MARGIN), 0)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        fits = painter.boundingRect(room, flags, self.hint).height() <= room.height()
        painter.drawText(room, flags, self.hint if fits else self._placeholder)

    def _hover(self, position: QPointF | None) -> None:
        self._pointer = position
        if self._tool is Tool.ERASER:
            self.update()
        self.pointer_moved.emit(position)

    def _paint_pen(self, painter: QPainter, square: QRectF) -> None:
        """Mark where the keyboard's pen is: a ring, with a point in it while it is down."""
        if self._pen.place is None or not self.hasFocus():
            return
        colours, place = theme_colours(self.palette()), self._pen_position()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("surface", 5.0), ("accent", 2.0)):  # visible on ink too
            painter.setPen(QPen(colours[colour], width))
            painter.drawEllipse(place, _PEN_MARK, _PEN_MARK)
        if self.is_drawing:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours["accent"])
            painter.drawEllipse(place, _PEN_MARK / 2, _PEN_MARK / 2)

    def _paint_eraser(self, painter: QPainter, square: QRectF) -> None:
        if self._tool is not Tool.ERASER or self._pointer is None:
            return
        radius = ERASER_RADIUS * square.width() / PAD
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Dark), px(1.5)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._pointer, radius, radius)


_KEYS = Pointer(PointerKind.KEYS)


def _is_pen_key(event: QKeyEvent) -> bool:
    """Return whether a key moves the keyboard's pen, or puts it down."""
    others = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
    return not others and (event.key() in DIRECTIONS or event.key() == Qt.Key.Key_Space)


def _mouse(event: QMouseEvent) -> Pointer:
    """Return the pointer of a mouse event; some systems send touches as mouse events."""
    is_mouse = event.source() == Qt.MouseEventSource.MouseEventNotSynthesized
    return Pointer(PointerKind.MOUSE if is_mouse else PointerKind.TOUCH)

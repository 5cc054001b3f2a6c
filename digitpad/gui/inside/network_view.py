"""The network for one image, from left to right: pixels, the values of each layer, outputs."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from digitpad.core.evaluation.inside.follower import InsideView
from digitpad.core.evaluation.inside.links import Link, links_of, links_to_winner
from digitpad.core.models.activations import Activations
from digitpad.core.models.switched_off import Unit
from digitpad.core.translation import tr_noop
from digitpad.gui.inside.layout import smallest_size
from digitpad.gui.inside.network_layers import MOVES, NetworkLayers, shown_stages
from digitpad.gui.inside.network_painter import NetworkPainter
from digitpad.gui.inside.outputs import OutputTable, output_table
from digitpad.gui.inside.texts import is_hidden_unit, layer_title, unit_text
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import ARROWS, HandledKeys, handles_copy_key, overrides_shortcut


class NetworkView(QWidget):
    """Shows the layers; the pointer or the arrow keys choose a unit."""

    HANDLED_KEYS = (
        HandledKeys((*ARROWS, "PgUp", "PgDown"), tr_noop("in Inside: go to another unit, or another layer")),
        HandledKeys(("Return", "Space"), tr_noop("in Inside: open the unit")),
        HandledKeys(("S",), tr_noop("in Inside: switch the unit off or on")),
        HandledKeys(("Esc",), tr_noop("in Inside: close the unit")),
    )
    accessible_role = QAccessible.Role.Chart

    unit_opened = Signal(object)  # Unit
    unit_switched = Signal(object)  # Unit
    closed = Signal()  # with Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: InsideView | None = None
        self._table: OutputTable | None = None
        self._layers: NetworkLayers | None = None
        self._painter: NetworkPainter | None = None
        self._names = ""  # of the layers
        self._key: object = None  # what the layers were placed for
        self._is_sorted, self._in_row, self._is_narrow = False, True, False
        self._current: Unit | None = None  # by keyboard
        self._hovered: Unit | None = None
        self._opened: Unit | None = None
        self._links: list[Link] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # Qt need not paint the widgets below
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Layers of the network"))

    @property
    def view(self) -> InsideView | None:
        """What is shown."""
        return self._view

    @property
    def outputs(self) -> OutputTable | None:
        """The table of the outputs."""
        return self._table

    @property
    def links(self) -> list[Link]:
        """The connections that are drawn."""
        return self._links

    @property
    def current(self) -> Unit | None:
        """The unit that the keys act on."""
        return self._current

    def show_view(self, view: InsideView | None) -> None:
        """Show the layers of an image, or nothing."""
        self._view = view
        self._table = None if view is None else output_table(view.activations)
        self._refresh()

    def set_sorted(self, *, is_sorted: bool) -> None:
        """Show the units of each layer in their order, or the ones with the largest values first."""
        self._is_sorted = is_sorted
        self._refresh()

    def set_form(self, *, in_row: bool, is_narrow: bool) -> None:
        """Show the layers side by side, or one below another; in a narrow view these are higher."""
        if (in_row, is_narrow) != (self._in_row, self._is_narrow):
            self._in_row, self._is_narrow = in_row, is_narrow
            self.updateGeometry()
            self._refresh()

    def show_opened(self, unit: Unit | None) -> None:
        """Mark the unit whose details are shown; None for none."""
        self._opened = unit
        self._choose_links()
        self.update()

    def rect_of(self, unit: Unit) -> QRectF | None:
        """Return where a unit is painted; None if it is not."""
        return None if self._layers is None else self._layers.rect_of(unit)

    def unit_at(self, position: QPointF) -> Unit | None:
        """Return the unit at a position."""
        return None if self._layers is None or self._view is None else self._layers.unit_at(position)

    def as_text(self) -> str:
        """Return the outputs as a table separated by tabs."""
        return "" if self._table is None else self._table.as_text()

    def sizeHint(self) -> QSize:
        return QSize(px(900), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        layers = 3 if self._activations is None else len(shown_stages(self._activations))
        return smallest_size(layers, in_row=self._in_row, is_narrow=self._is_narrow)

    @property
    def _activations(self) -> Activations | None:
        return None if self._view is None else self._view.activations

    def _refresh(self) -> None:
        if self._view is not None and self._table is not None:
            activations = self._view.activations
            layers, painter = self._placed(activations, self._table)
            layers.sort(activations if self._is_sorted else None)
            painter.write(self._view)
        self._choose_links()
        self._describe()
        self.update()

    def _placed(self, activations: Activations, table: OutputTable) -> tuple[NetworkLayers, NetworkPainter]:
        """Place the layers, if the model's shape, the size of the view or its look is another one."""
        shapes, ratio = [stage.values.shape for stage in activations.stages], self.devicePixelRatioF()
        key = shapes, table.headings, self.size(), ratio, self._in_row
        if key != self._key or self._layers is None or self._painter is None:
            self._key = key
            self.updateGeometry()
            room = QRectF(QPointF(), self.size().expandedTo(self.minimumSizeHint()).toSizeF())
            self._layers = NetworkLayers(activations, room, ratio, in_row=self._in_row)
            self._names = ", ".join(layer_title(activations, layer.stage) for layer in self._layers.all)
            self._painter = NetworkPainter(self._layers, activations, table, self.font(), _palette())
            self._hovered = None
            if self._current is not None and self.rect_of(self._current) is None:
                self._current = None
        return self._layers, self._painter

    def _choose_links(self) -> None:
        """Draw the connections of the unit at the pointer or of the keys; else those into the winner."""
        view, unit = self._view, self._hovered or (self._current if self.hasFocus() else None) or self._opened
        if view is None:
            self._links = []
        elif unit is None:
            self._links = links_to_winner(view.activations)
        elif len(view.activations.stages) > 2:
            self._links = links_of(view.activations, unit.layer, unit.number)
        else:
            self._links = []

    def _set_hovered(self, unit: Unit | None) -> None:
        if unit != self._hovered:
            self._hovered = unit
            self.setCursor(Qt.CursorShape.ArrowCursor if unit is None else Qt.CursorShape.PointingHandCursor)
            self._choose_links()
            self.update()

    def _set_current(self, unit: Unit | None) -> None:
        self._current = unit
        self._choose_links()
        self._describe()
        self.update()

    def _describe(self) -> None:
        activations, unit = self._activations, self._current
        if activations is None or self._layers is None:
            text = self.tr("nothing drawn")
        elif unit is not None:
            text = self._text_of(activations, unit)
        else:
            text = self._names
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _text_of(self, activations: Activations, unit: Unit) -> str:
        off = self._view is not None and unit in self._view.request.switched_off
        text = unit_text(activations, unit)
        return self.tr("{}, switched off").format(text) if off else text

    def event(self, event: QEvent) -> bool:
        if handles_copy_key(event, self._copy) or overrides_shortcut(event, self._is_own_key):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            unit, activations = self.unit_at(event.pos().toPointF()), self._activations
            text = "" if unit is None or activations is None else self._text_of(activations, unit)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self.unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and unit is not None:
            self._set_current(unit)
            self.unit_opened.emit(unit)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, unit, layers = event.key(), self._current, None if self._view is None else self._layers
        if key in MOVES and layers is not None and event.modifiers() in _PLAIN:
            self._set_current(layers.first() if unit is None else layers.next_to(unit, key))
        elif unit is not None and key in _ENTER:
            self.unit_opened.emit(unit)
        elif unit is not None and key == Qt.Key.Key_S and event.modifiers() in _PLAIN:
            if self._view is not None and is_hidden_unit(self._view.activations, unit):
                self.unit_switched.emit(unit)
        elif key == Qt.Key.Key_Escape and (unit or self._opened):
            self._set_current(None)
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    @staticmethod
    def _is_own_key(event: QKeyEvent) -> bool:
        return event.key() in (*MOVES, *_ENTER, Qt.Key.Key_S, Qt.Key.Key_Escape) and event.modifiers() in _PLAIN

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._choose_links()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose_links()

    def _copy(self) -> None:
        if text := self.as_text():
            QGuiApplication.clipboard().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._key = None
            self._refresh()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._view is None or self._table is None or self._painter is None:
            painter.fillRect(self.rect(), theme_colours(_palette())["surface"])
            return
        self._painter.paint(painter, self._view, self._table, self._links)
        self._painter.mark(painter, self._hovered, "text", 1)
        self._painter.mark(painter, self._opened, "accent", 2)
        self._painter.mark(painter, self._current if self.hasFocus() else None, "text", 2)


_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


def _palette() -> QPalette:
    """Return the application's palette: in a scroll area that of a widget has a transparent window."""
    return QGuiApplication.palette()

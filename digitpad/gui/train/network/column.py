"""One layer of the network's picture: its name, its size with − and +, room for the picture, and its parameters."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from digitpad.core.models.specs import LayerShape, Spec, layer_shapes, parameter_count
from digitpad.gui.theme.fonts import use_tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.network.edits import units_step, with_units
from digitpad.gui.train.network.texts import layer_name, size_text, size_tip
from digitpad.gui.widgets.boxes import hbox, keep_height, vbox

BODY_HEIGHT = 60  # room for the horizontal scroll bar of a wide network
_WIDTH = 78
STEP_BUTTON = QSize(22, 22)


class LayerColumn(QWidget):
    """Shows a layer; a click anywhere asks for its settings. The view behind it paints the picture."""

    settings_requested = Signal(int)  # the number of the layer, 0 for the inputs
    units_requested = Signal(int, int)  # the number of the layer, and 1 for more or -1 for fewer

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self.title, self._size, self._parameters = QToolButton(), QLabel(), QLabel()
        self.fewer, self.more = step_button("−"), step_button("+")
        self._body = QWidget()
        self.title.setProperty("role", "layer")
        self._parameters.setProperty("role", "caption")
        self._size.setMinimumWidth(px(30))
        for label in (self._size, self._parameters):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            use_tabular_font(label)
        self._body.setMinimumSize(px(_WIDTH), px(BODY_HEIGHT))
        self._body.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

        steps = hbox(None, self.fewer, self._size, self.more, None, spacing=2)
        keep_height(steps, STEP_BUTTON.height())
        vbox(hbox(None, self.title, None), steps, (self._body, 1), self._parameters, parent=self, spacing=2)

        self.title.clicked.connect(self._on_clicked)
        self.fewer.clicked.connect(self._on_fewer)
        self.more.clicked.connect(self._on_more)

    @property
    def body(self) -> QRectF:
        """The room for the picture, in the column's coordinates."""
        return QRectF(self._body.geometry())

    @property
    def size_text(self) -> str:
        """The size that is shown."""
        return self._size.text()

    @property
    def parameters_text(self) -> str:
        """The number of parameters that is shown."""
        return self._parameters.text()

    def show_layer(self, spec: Spec, *, is_locked: bool) -> None:
        """Show the layer of a model."""
        layer, name = layer_shapes(spec)[self._number], layer_name(spec, self._number)
        self.title.setText(name)
        self.title.setToolTip(self.tr("Go to the settings of this layer in the form."))
        self._size.setText(size_text(layer))
        self._size.setToolTip(size_tip(layer))
        self._show_parameters(spec, layer)
        can_change = layer.kind in ("block", "hidden")
        ways = (
            (self.fewer, -1, self.tr("{count} fewer in {layer}")),
            (self.more, 1, self.tr("{count} more in {layer}")),
        )
        for button, way, tip in ways:
            text = tip.format(count=units_step(layer.units, way), layer=name)
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.setVisible(can_change)
            button.setEnabled(not is_locked and with_units(spec, self._number, way) is not None)

    def _show_parameters(self, spec: Spec, layer: LayerShape) -> None:
        if layer.kind == "inputs":  # which have none
            self._parameters.setText(self.tr("{count:,} in all").format(count=parameter_count(spec)))
        else:
            self._parameters.setText(f"{layer.parameters:,}")
        self._parameters.setToolTip(self.tr("The number of weights and biases that are trained."))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._on_clicked()

    @Slot()
    def _on_clicked(self) -> None:
        self.settings_requested.emit(self._number)

    @Slot()
    def _on_fewer(self) -> None:
        self.units_requested.emit(self._number, -1)

    @Slot()
    def _on_more(self) -> None:
        self.units_requested.emit(self._number, 1)


def step_button(text: str) -> QToolButton:
    """Return a small button "+" or "−" that repeats while it is held down."""
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", "step")
    button.setAutoRepeat(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setFixedSize(px(STEP_BUTTON))
    return button

"""The sliders of "Break it", in the order in which the distortions act, and the steps of normalisation."""

from PySide6.QtCore import QEvent, QLineF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QWidget

from digitpad.core.ink.distortion import INK_SPANS, NEUTRAL, PIXEL_SPANS, SPANS, Distortion, Normalisation
from digitpad.core.translation import tr_noop
from digitpad.gui.break_it.texts import name_text, normalisation_names, normalisation_text, tip_text, value_text
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import use_tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import add_space, hbox, vbox
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.reserved_width import reserve_width
from digitpad.gui.widgets.shortcut_override import HandledKeys, is_reset_key, overrides_shortcut

_NAME_WIDTH = 98  # px
_HANDLE = 14  # width of a slider's handle, px: style.qss
_LINES = 4  # of the text about the normalisation, in a narrow column


class DistortionControls(QWidget):
    """Reports the distortion after each move of a slider."""

    changed = Signal(str)  # which distortion was touched; "" for the normalisation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amounts = {name: AmountRow(name) for name in SPANS}
        self.normalisation = ChoiceField(normalisation_names())
        self._explanation, self._no_strokes = QLabel(), QLabel(self.tr("Pen width is for strokes: a picture has none."))
        hint, steps = QLabel(self.tr("it stays as it is on the pad")), QLabel(self.tr("Normalisation"))
        self.normalisation.setAccessibleName(self.tr("Steps of normalisation"))
        self._explanation.setProperty("role", "hint")
        self._explanation.setWordWrap(True)
        self._explanation.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._explanation.setMinimumHeight(_LINES * self._explanation.fontMetrics().height())
        for label in (self._no_strokes, hint):
            label.setProperty("role", "hint")
        self._no_strokes.hide()

        steps.setFixedWidth(px(_NAME_WIDTH))
        layout = vbox(parent=self, spacing=2)
        layout.addLayout(hbox(_heading(self.tr("Your drawing")), None, hint))
        for name in INK_SPANS:
            layout.addWidget(self.amounts[name])
        layout.addWidget(self._no_strokes)
        add_space(layout, 8)
        layout.addLayout(hbox(steps, (self.normalisation, 1), spacing=8))
        layout.addWidget(self._explanation)
        add_space(layout, 4)
        layout.addWidget(_heading(self.tr("Its 28x28 pixels")))
        for name in PIXEL_SPANS:
            layout.addWidget(self.amounts[name])

        for row in self.amounts.values():
            row.moved.connect(self.changed)
        self.normalisation.edited.connect(self._on_normalisation_edited)
        self._show_normalisation()

    @property
    def distortion(self) -> Distortion:
        """The distortion that the controls show."""
        shown = Distortion(normalisation=Normalisation(self.normalisation.raw))
        for name, row in self.amounts.items():
            shown = shown.with_value(name, row.value)
        return shown

    def reset(self) -> None:
        """Set all to the values that do nothing; `changed` is not emitted."""
        for row in self.amounts.values():
            row.reset()
        self.normalisation.show_raw(NEUTRAL.normalisation.value)
        self._show_normalisation()

    def show_strokes(self, *, has_strokes: bool) -> None:
        """Enable the pen's width, or say that there are no strokes."""
        self.amounts["pen"].setEnabled(has_strokes)
        self._no_strokes.setVisible(not has_strokes)

    @Slot()
    def _on_normalisation_edited(self) -> None:
        self._show_normalisation()
        self.changed.emit("")

    def _show_normalisation(self) -> None:
        self._explanation.setText(normalisation_text(Normalisation(self.normalisation.raw)))


class AmountRow(QWidget):
    """The name of a distortion, its slider and its amount; a check box for one that is on or off."""

    moved = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._span, self._neutral = name, SPANS[name], float(getattr(NEUTRAL, name))
        self._is_switch = self._span.steps == 1
        self._label, self._text = QLabel(name_text(name)), QLabel()
        self.slider, self.box = _Slider(self._place_of(self._neutral)), QCheckBox()
        self.slider.setRange(0, self._span.steps)
        self.slider.setPageStep(max(1, self._span.steps // 10))
        self._label.setFixedWidth(px(_NAME_WIDTH))
        self._label.setProperty("role", "field")
        use_tabular_font(self._text)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        reserve_width(self._text, ("−88.8 px", "888 %", value_text("inverted", 0), value_text("inverted", 1)))
        for control in (self.slider, self.box):
            control.setAccessibleName(name_text(name))
            control.setToolTip(tip_text(name))
        self._label.setToolTip(tip_text(name))
        (self.slider if self._is_switch else self.box).hide()
        self.reset()

        hbox(self._label, (self.slider, 1), (self.box, 1), self._text, parent=self, spacing=8)
        self.setFixedHeight(px(26))

        self.slider.valueChanged.connect(self._on_moved)
        self.box.toggled.connect(self._on_moved)

    @property
    def value(self) -> float:
        """The amount."""
        return float(self.box.isChecked()) if self._is_switch else self._span.value(self.slider.value())

    def show_value(self, value: float) -> None:
        """Set the amount; `moved` is emitted if it changes."""
        if self._is_switch:
            self.box.setChecked(bool(value))
        else:
            self.slider.setValue(self._place_of(value))

    def reset(self) -> None:
        """Set the amount that does nothing; `moved` is not emitted."""
        self.blockSignals(True)
        self.show_value(self._neutral)
        self.blockSignals(False)
        self._show_text()

    @Slot()
    def _on_moved(self) -> None:
        self._show_text()
        self.moved.emit(self._name)

    def _show_text(self) -> None:
        text = value_text(self._name, self.value)
        self._text.setText(text)
        self.slider.setAccessibleDescription(text)
        is_changed = self.value != self._neutral
        if self._label.property("changed") != is_changed:
            self._label.setProperty("changed", is_changed)
            self._label.style().polish(self._label)

    def _place_of(self, value: float) -> int:
        return round((value - self._span.low) / self._span.step)


class _Slider(QSlider):
    """Filled from the amount that does nothing, which a double click or Delete sets; the wheel scrolls the column."""

    HANDLED_KEYS = (HandledKeys(("Del",), tr_noop("on a slider of Break it: reset it")),)

    def __init__(self, neutral: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._neutral = neutral
        self.setProperty("role", "amount")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setValue(self._neutral)

    def event(self, event: QEvent) -> bool:
        # The page's Delete would clear the pad.
        return overrides_shortcut(event, is_reset_key) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_reset_key(event):
            self.setValue(self._neutral)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, middle, half = theme_colours(self.palette()), self.height() / 2, px(_HANDLE / 2)
        room = self.width() - px(_HANDLE)
        neutral, now = (half + room * place / self.maximum() for place in (self._neutral, self.value()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours["faint"], px(4), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QLineF(half, middle, half + room, middle))
        painter.setPen(QPen(colours["muted"], px(2)))
        painter.drawLine(QLineF(neutral, middle - px(6), neutral, middle + px(6)))
        if self.isEnabled() and now != neutral:
            painter.setPen(QPen(colours["accent"], px(4)))
            painter.drawLine(QLineF(neutral, middle, now, middle))
        painter.end()
        super().paintEvent(event)  # the handle

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "name")
    return label

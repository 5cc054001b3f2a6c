"""The sliders of "Break it", in the order in which the distortions act, and the steps of normalisation."""

from PySide6.QtCore import QEvent, QLineF, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QWidget

from digitpad.core.ink.distortion import INK_SPANS, NEUTRAL, PIXEL_SPANS, SPANS, Distortion, Normalisation
from digitpad.core.translation import tr_noop
from digitpad.gui.break_it.texts import (
    effect_text,
    name_text,
    normalisation_names,
    normalisation_text,
    tip_text,
    value_text,
)
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import add_space, hbox, vbox
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.shortcut_override import HandledKeys, is_reset_key, overrides_shortcut

_HANDLE = 14  # width of a slider's handle, px: style.qss
_CELL = 33  # height of a distortion's name and slider, px


class DistortionControls(QWidget):
    """Reports the distortion after each move of a slider. The ink's are at the left, those of its pixels at the right.

    Below them is what the normalisation does, and why the models mind the distortion that was touched last.
    """

    changed = Signal(str)  # which distortion was touched; "" for the normalisation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amounts = {name: AmountRow(name) for name in SPANS}
        self.normalisation = ChoiceField(normalisation_names())
        self._explanation, self._effect = QLabel(), QLabel()
        self._no_strokes = QLabel(self.tr("Pen width is for strokes: a picture has none."))
        steps = QLabel(self.tr("Normalisation"))
        self.normalisation.setAccessibleName(self.tr("Steps of normalisation"))
        for label in (steps, self._no_strokes, self._explanation, self._effect):
            label.setProperty("role", "hint")
        for label in self._hints:
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._no_strokes.hide()

        ink, pixels = (vbox(spacing=0) for _ in range(2))
        for column, title in ((ink, self.tr("Your drawing")), (pixels, self.tr("Its 28x28 pixels"))):
            heading = QLabel(title)
            heading.setProperty("role", "name")
            column.addWidget(heading)
            add_space(column, 3)
        for column, names in ((ink, INK_SPANS), (pixels, PIXEL_SPANS)):
            for name in names:
                column.addWidget(self.amounts[name])
        ink.addWidget(steps)
        ink.addWidget(self.normalisation)
        for column in (ink, pixels):
            column.addStretch()
        vbox(hbox((ink, 1), (pixels, 1), spacing=16), *self._hints, parent=self, spacing=4)

        for row in self.amounts.values():
            row.moved.connect(self.changed)
        self.normalisation.edited.connect(self._on_normalisation_edited)
        self._show_normalisation()

    @property
    def _hints(self) -> tuple[QLabel, ...]:
        return self._no_strokes, self._explanation, self._effect

    @property
    def effect(self) -> str:
        """Why the models mind the distortion that was touched last."""
        return self._effect.text()

    def height_for(self, width: int) -> int:
        """Return the height that is needed at a width, px, with room for the longest sentences."""
        kinds = [*Normalisation]
        effects = [effect_text(name, kind) for name in SPANS for kind in kinds]
        for label, texts in ((self._explanation, map(normalisation_text, kinds)), (self._effect, effects)):
            room, metrics = QRect(0, 0, width, 0), label.fontMetrics()
            heights = [metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() for text in texts]
            label.setMinimumHeight(max(heights))
        layout = self.layout()
        return 0 if layout is None else layout.totalHeightForWidth(width)

    def show_effect(self, name: str) -> None:
        """Show why the models mind a distortion, one of `SPANS`."""
        self._effect.setText(effect_text(name, self.distortion.normalisation))

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
        self.slider, self.box = _Slider(self._place_of(self._neutral)), QCheckBox(name_text(name))
        self.slider.setRange(0, self._span.steps)
        self.slider.setPageStep(max(1, self._span.steps // 10))
        for label in (self._label, self._text):
            label.setProperty("role", "hint")
        use_tabular_font(self._text, CAPTION)
        for control in (self.slider, self.box):
            control.setAccessibleName(name_text(name))
        for widget in (self.slider, self.box, self._label):
            widget.setToolTip(tip_text(name))
        for widget in (self._label, self._text, self.slider) if self._is_switch else (self.box,):
            widget.hide()
        self.reset()

        vbox(hbox((self._label, 1), self._text), self.slider, self.box, parent=self, spacing=0)
        self.setFixedHeight(px(_CELL))

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
        for widget in (self._label, self.box):
            if widget.property("changed") != is_changed:
                widget.setProperty("changed", is_changed)
                widget.style().polish(widget)

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

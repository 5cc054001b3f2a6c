"""One unit in detail: its weights, where it fires, the worked sum, what excites it, and a switch."""

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from digitpad.core.evaluation.inside.exciting_images import ExcitingImages
from digitpad.core.evaluation.inside.follower import InsideView
from digitpad.core.evaluation.inside.unit_detail import SumStep, UnitDetail
from digitpad.core.models.activations import Activations
from digitpad.core.models.switched_off import Unit
from digitpad.gui.inside.exciting_strip import ExcitingStrip
from digitpad.gui.inside.texts import is_hidden_unit, number_text, unit_name
from digitpad.gui.inside.unit_pictures import UnitPictures
from digitpad.gui.session.inside_service import InsideService
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox

_ACTIVATIONS = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"}
_PARTS = 2  # the inputs that count most are named
_SUM_WIDTH = 236
_WIDTHS = (300, 530)  # px with the sum below the pictures, and beside them


class UnitPanel(QWidget):
    """Shows the unit that its service has opened."""

    def __init__(self, service: InsideService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._title, self.sum_label = QLabel(), QLabel()
        self.off_button, self.close_button = QPushButton(self.tr("Switch off")), QToolButton()
        self.pictures, self.exciting = UnitPictures(), ExcitingStrip()
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._title.setProperty("role", "name")
        self.off_button.setCheckable(True)
        self.off_button.setProperty("role", "link")
        self.off_button.setToolTip(self.tr("What the model answers without this unit: its value counts as 0 (S)"))
        self.close_button.setToolTip(self.tr("Close this unit (Esc)"))
        self.close_button.setAccessibleName(self.tr("Close this unit"))
        self.sum_label.setProperty("role", "figures")
        self.sum_label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.sum_label.setWordWrap(True)
        self.sum_label.setMinimumWidth(px(_SUM_WIDTH))
        self.sum_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.sum_label.setAccessibleName(self.tr("The sum, step by step"))

        self._tint()

        heading = hbox(self._title, self.off_button, None, self.close_button, spacing=12)
        self._body.setSpacing(px(12))
        self._body.addWidget(self.pictures, 0, Qt.AlignmentFlag.AlignTop)
        self._body.addWidget(self.sum_label, 1)
        vbox(heading, self._body, self.exciting, None, parent=self, spacing=0)

        self.off_button.clicked.connect(self._on_switch)
        self.close_button.clicked.connect(self._on_close)
        self.pictures.position_requested.connect(service.set_position)
        service.excited.connect(self._on_excited)
        service.not_excited.connect(self._on_not_excited)
        service.opened_changed.connect(self._on_opened_changed)

    def show_view(self, view: InsideView) -> None:
        """Show the opened unit for an image."""
        unit, detail = view.request.opened, view.detail
        if unit is None or detail is None:
            return
        activations = view.activations
        self._title.setText(unit_name(activations, unit))
        is_off = unit in view.request.switched_off
        self.off_button.setVisible(is_hidden_unit(activations, unit))
        self.off_button.setChecked(is_off)
        self.off_button.setText(self.tr("Switch on") if is_off else self.tr("Switch off"))
        self.pictures.show_detail(detail, activations.pixels)
        self.sum_label.setText("\n".join(sum_lines(activations, detail)))
        self._fit_sum()

    def set_wide(self, *, is_wide: bool) -> None:
        """Show the sum beside the pictures, or below them.

        Not decided from its own size: its smallest size depends on it, and so does the size that a layout gives it.
        """
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        self.updateGeometry()
        self._fit_sum()

    @property
    def widths(self) -> tuple[int, int]:
        """The widths that it wants with the sum below the pictures, and beside them."""
        return px(_WIDTHS[0]), px(_WIDTHS[1])

    def sizeHint(self) -> QSize:
        # Whatever the texts are, so that the network beside it does not change its size.
        is_wide = self._body.direction() == QBoxLayout.Direction.LeftToRight
        return QSize(self.widths[is_wide], super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sum()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.close_button.setIcon(line_icon("close"))

    def _fit_sum(self) -> None:
        """Reserve the height of the sum; beside the pictures, theirs is enough."""
        is_below = self._body.direction() == QBoxLayout.Direction.TopToBottom
        height = self.sum_label.heightForWidth(self.width()) if is_below else self.pictures.height()
        self.sum_label.setFixedHeight(max(0, height))  # -1: there is no text

    @Slot()
    def _on_switch(self) -> None:
        if (unit := self._service.opened) is not None:
            self._service.switch(unit)

    @Slot()
    def _on_close(self) -> None:
        self._service.open_unit(None)

    @Slot(object)
    def _on_opened_changed(self, _unit: Unit | None) -> None:
        self.exciting.show_found(None)

    @Slot(object)
    def _on_excited(self, found: ExcitingImages) -> None:
        self.exciting.show_found(found)

    @Slot(str)
    def _on_not_excited(self, reason: str) -> None:
        self.exciting.show_found(None, reason)


def sum_lines(activations: Activations, detail: UnitDetail) -> list[str]:
    """Return the computation of a unit, a line for each step."""
    lines = []
    if detail.position is not None:
        lines.append(_tr("at row {}, column {}:").format(*detail.position))
        lines.append(_tr("kernel × patch: Σ = {}").format(number_text(detail.steps[0].value)))
    else:
        lines.append(_tr("weights × inputs: Σ = {}").format(number_text(detail.steps[0].value)))
        if all(step.kind != "bias" for step in detail.steps):
            lines[-1] += _tr(" (no bias)")
    if len(detail.weights) > 1:
        lines += _part_lines(activations, detail)
    lines += [_step_line(step) for step in detail.steps[1:]]
    return lines


def _part_lines(activations: Activations, detail: UnitDetail) -> list[str]:
    """Return which inputs count most, and the sum of the others."""
    parts = detail.parts
    order = sorted(range(len(parts)), key=lambda number: -abs(parts[number]))
    kind = _tr("map") if activations.stages[detail.unit.layer - 1].kind == "conv" else _tr("unit")
    named = [f"{kind} {number}: {number_text(parts[number])}" for number in order[:_PARTS]]
    rest = float(sum(parts[number] for number in order[_PARTS:]))
    others = _tr("{:,} others: {}").format(len(parts) - _PARTS, number_text(rest)) if len(parts) > _PARTS else ""
    # A part stays in one line.
    return ["   " + ", ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in (*named, others) if part)]


def _step_line(step: SumStep) -> str:
    value, numbers = number_text(step.value), [number_text(number) for number in step.numbers]
    match step.kind:
        case "bias":
            return _tr("+ bias ({}) = {}").format(numbers[0], value)
        case "norm":
            sign = "−" if step.numbers[1] < 0 else "+"
            return _tr("batch norm: × {} {} {} = {}").format(numbers[0], sign, numbers[1].lstrip("−"), value)
        case "pool":
            shown = "; ".join(number_text(number, 2) for number in step.numbers)
            return _tr("largest of {} = {}").format(shown, value)
        case "sum":
            return f"Σ = {value}"
        case _:
            return f"{_ACTIVATIONS[step.kind]} = {value}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("UnitPanel", text)

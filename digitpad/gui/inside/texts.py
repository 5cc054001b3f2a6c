"""The names of layers and units."""

from PySide6.QtCore import QCoreApplication

from digitpad.core.models.activations import Activations
from digitpad.core.models.switched_off import Unit
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.sentences import with_minus

_ROOM_FOR_COUNT, _ROOM_FOR_SIZE = 64, 110


def layer_title(activations: Activations, stage: int, room: float = 200, *, is_short: bool = False) -> str:
    """Return the name of a layer; if there is room, px, with the number of its units and the size of its maps.

    A short name is a letter and a number, as in LeNet's drawings: "C1".
    """
    shown = activations.stages[stage]
    if shown.kind == "input":
        height, width = activations.pixels.shape
        return f"{height}x{width}"
    if shown.kind == "logits":
        return _tr("outputs")
    same = [number for number, one in enumerate(activations.stages) if one.kind == shown.kind]
    names = (_tr("C{}"), _tr("conv {}")) if shown.kind == "conv" else (_tr("D{}"), _tr("dense {}"))
    name = names[not is_short].format(same.index(stage) + 1)
    if room < px(_ROOM_FOR_COUNT):
        return name
    counted = f"{name} · {shown.units:,}"
    if shown.kind == "dense" or room < px(_ROOM_FOR_SIZE):
        return counted
    return _tr("{}, {}x{}").format(counted, *shown.values.shape[1:])


def unit_name(activations: Activations, unit: Unit) -> str:
    """Return the name of a unit: "conv 1, map 14", counted from 0."""
    shown = activations.stages[unit.layer]
    if shown.kind == "logits":
        return _tr("output {}").format(unit.number if shown.units > 1 else 1)
    layer = layer_title(activations, unit.layer, room=0)
    return (_tr("{}, map {}") if shown.kind == "conv" else _tr("{}, unit {}")).format(layer, unit.number)


def unit_text(activations: Activations, unit: Unit) -> str:
    """Return the name of a unit and its value, for a map its largest one."""
    values = activations.stages[unit.layer].values[unit.number]
    name = unit_name(activations, unit)
    if values.ndim:
        return _tr("{}: at most {}").format(name, number_text(float(values.max())))
    return f"{name}: {number_text(float(values))}"


def is_hidden_unit(activations: Activations, unit: Unit) -> bool:
    """Return whether a unit can be switched off: whether there is a layer after it."""
    return unit.layer < len(activations.stages) - 1


def number_text(value: float, decimals: int = 3) -> str:
    """Format a number with a minus sign."""
    return with_minus(f"{value + 0.0:.{decimals}f}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Inside", text)

"""The words of the network's picture: names of layers, what is wrong with them, and how to read the lines."""

from collections.abc import Mapping
from math import isinf, isnan

from digitpad.core.evaluation.layer_findings import Concern, Finding
from digitpad.core.evaluation.layer_statistics import LayerStatistics, NetworkStatistics
from digitpad.core.models.specs import CNNSpec, LayerShape, Spec, layer_shapes
from digitpad.core.translation import tr, tr_noop
from digitpad.gui.widgets.sentences import with_minus

_TEXTS: Mapping[Concern, str] = {
    Concern.NOT_A_NUMBER: tr_noop("{layer}: weights or gradients are not numbers any more: lower the learning rate."),
    Concern.LARGER_THAN_FIRST: tr_noop(
        "{layer}: gradients {factor} times larger than in {first}: lower the learning rate."
    ),
    Concern.LARGER_THAN_BEFORE: tr_noop(
        "{layer}: gradients {factor} times larger than at the start: lower the learning rate."
    ),
    Concern.VANISHING: tr_noop(
        "{layer}: gradients {factor} times smaller than in later layers: try ReLU, or fewer layers."
    ),
    Concern.NONE_FIRES: tr_noop("{layer}: all units are saturated, so it learns nothing: start with smaller weights."),
    Concern.NEVER_FIRE: tr_noop("{layer}: {idle} of {units} units never fire."),
    Concern.SATURATED: tr_noop("{layer}: {idle} of {units} units are saturated."),
}
_RELU_TEXTS: Mapping[Concern, str] = {
    Concern.VANISHING: tr_noop("{layer}: gradients {factor} times smaller than in later layers, so it hardly learns."),
    Concern.NONE_FIRES: tr_noop("{layer}: no unit fires for any image, so it learns nothing: lower the learning rate."),
}


def layer_name(spec: Spec, number: int) -> str:
    """Return the name of a layer, counted from 0 for the inputs: "hidden 1"."""
    kind = layer_shapes(spec)[number].kind
    if kind == "inputs":
        return tr("inputs")
    if kind == "outputs":
        return tr("outputs")
    if kind == "block":
        return tr("block {number}").format(number=number)
    return tr("dense") if isinstance(spec, CNNSpec) else tr("hidden {number}").format(number=number)


def size_text(layer: LayerShape) -> str:
    """Return the size of a layer as it stands between − and +."""
    if layer.kind == "inputs" and layer.units > 2:
        return f"{layer.shape[0]}x{layer.shape[1]}"
    return f"{layer.units:,}"


def size_tip(layer: LayerShape) -> str:
    """Return what the size of a layer counts."""
    if layer.kind == "block":
        count, height, width = layer.shape
        return tr("{count} feature maps of {height}x{width}").format(count=count, height=height, width=width)
    if layer.kind == "inputs":
        return tr("{count:,} inputs").format(count=layer.units)
    return tr("{count:,} units").format(count=layer.units)


def finding_text(finding: Finding, now: NetworkStatistics) -> str:
    """Return what is wrong with a layer, as a sentence that begins with its name."""
    layer = now.layers[finding.layer - 1]
    text = _sentence(finding, layer)
    return text.format(
        layer=layer_name(now.spec, finding.layer),
        first=layer_name(now.spec, 1),
        factor=_rounded(finding.factor),
        idle=layer.idle,
        units=layer.units,
    )


def _sentence(finding: Finding, layer: LayerStatistics) -> str:
    """Return the English text of a concern, translated; some depend on the activation."""
    if isinf(finding.factor):
        return tr("{layer}: no gradient reaches it, so it learns nothing.")
    special = _RELU_TEXTS if layer.activation in ("relu", "none") else {}
    return tr(special.get(finding.concern, _TEXTS[finding.concern]))


def _rounded(factor: float) -> str:
    """Return a factor with one significant digit; infinity has no digits."""
    return f"{int(float(f'{factor:.0e}')):,}" if factor < 1e9 else f"{factor:.0e}"


def layer_tip(layer: LayerStatistics, images: int) -> str:
    """Return the figures of a layer in lines."""
    lines = [
        tr("Weights: from −{peak} to {peak}, root mean square {size}").format(
            peak=figure(layer.weights.high), size=figure(layer.weight_size)
        ),
        tr("Gradients: root mean square {size}; the scale is logarithmic, from 10⁻⁸ to 10², for all layers").format(
            size=figure(layer.gradient_size)
        ),
        tr("Activations: from {low} to {high}").format(
            low=figure(layer.activations.low), high=figure(layer.activations.high)
        ),
    ]
    if layer.activation == "relu":
        lines.append(tr("{idle} of {units} units never fire").format(idle=layer.idle, units=layer.units))
    elif layer.activation != "none":
        lines.append(tr("{idle} of {units} units are saturated").format(idle=layer.idle, units=layer.units))
    lines.append(tr("Measured on {images} training images").format(images=images))
    return "\n".join(lines)


def figure(value: float) -> str:
    """Return a number with two significant digits and a true minus: 0.021, −3.4, 690, 2e−7; a dash if it is none."""
    if isnan(value):
        return "–"
    if 99.5 <= abs(value) < 99_500:
        return with_minus(f"{float(f'{value:.2g}'):,.0f}")
    return with_minus(f"{value:.2g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e"))

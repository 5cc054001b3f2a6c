"""Models as ONNX, with the normalisation inside."""

from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.files.atomic import check_writable, write_atomically
from digitpad.core.models.specs import inputs_of, output_of, outputs_of_model
from digitpad.core.runtime.memory import check_memory
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

OUTPUT_KEY = "output_function"  # of the metadata: the function from logits to outputs


def write_onnx(path: Path, loaded: "LoadedModel") -> None:
    """Write a model as ONNX.

    Its input is ``images``, (n, height, width) float32, 0 background to 1 ink, its output ``logits``, (n, outputs);
    the normalisation is inside, and n is any number. The metadata says so, with the opset.

    Raise DigitpadError if the weights need more than 2 GB, or the file cannot be written.
    """
    import onnx

    from digitpad.core.models.onnx_layers import onnx_model

    check_writable(path)
    check_memory(16 * loaded.model.parameter_count(), tr("choose smaller layers"))
    model = onnx_model(loaded.model)
    onnx.helper.set_model_props(model, _metadata(loaded))
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


def _metadata(loaded: "LoadedModel") -> dict[str, str]:
    from digitpad import __version__
    from digitpad.core.models.onnx_layers import OPSET

    spec, card = loaded.model.spec, loaded.card
    height, width = inputs_of(spec)
    accuracy = "" if card.test_accuracy is None else f"{card.test_accuracy} on {card.dataset}"
    return {
        "name": card.name,
        "producer": f"digitpad {__version__}",
        "opset": str(OPSET),
        "input": f"images: float32 (n, {height}, {width}), 0 background to 1 ink; the normalisation is in the model",
        "output": f"logits: float32 (n, {outputs_of_model(spec)}), before {output_of(spec)}",
        OUTPUT_KEY: output_of(spec),
        "test_accuracy": accuracy,
    }

"""Models as ONNX, with the normalisation inside."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import check_writable, write_atomically
from digitpad.core.models.specs import inputs_of, output_of, outputs_of_model
from digitpad.core.runtime.memory import check_memory
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

OPSET = 18
OUTPUT_KEY = "output_function"  # of the metadata: the function from logits to outputs


def write_onnx(path: Path, loaded: "LoadedModel") -> None:
    """Write a model as ONNX.

    Its input is ``images``, (n, height, width) float32, 0 background to 1 ink, its output ``logits``, (n, outputs);
    the normalisation is inside, and n is any number. The metadata says so, with the opset.

    Raise DigitpadError if a package is missing, or the file cannot be written.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401 - torch's exporter needs it, but its own error is unclear
    except ImportError as error:
        raise DigitpadError(
            "ONNX export needs the packages onnx and onnxscript: install digitpad[onnx]",
            hint="pip install 'digitpad[onnx]'",
        ) from error
    import torch

    check_writable(path)
    check_memory(16 * loaded.model.parameter_count(), tr("choose smaller layers"))
    with warnings.catch_warnings():
        # torch warns about its own code.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            loaded.model,
            (torch.zeros(2, *inputs_of(loaded.model.spec)),),
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise DigitpadError("PyTorch could not convert “{model}” to ONNX: update PyTorch", model=loaded.card.name)
    model = program.model_proto
    onnx.helper.set_model_props(model, _metadata(loaded))
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


def _metadata(loaded: "LoadedModel") -> dict[str, str]:
    from digitpad import __version__

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

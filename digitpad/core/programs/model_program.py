"""A trained model as a plain PyTorch program: the layers written out, and functions that load weights and predict."""

from dataclasses import replace
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.models.exchange.state_dicts import write_state_dict
from digitpad.core.models.model_files import LoadedModel
from digitpad.core.models.specs import MLPSpec, Spec, inputs_of, output_of, outputs_of_model, single_threshold
from digitpad.core.programs.text import plain
from digitpad.core.programs.torch_program import OUTPUTS, layer_lines

_TEMPLATE = '''"""{name}: a trained model with PyTorch.

Written by digitpad. It needs torch, the weights in {weights_text}, and for pictures pillow and numpy.

    python {program} picture.png     predict pictures of {width}x{height} pixels, light ink on black
"""

import sys
from pathlib import Path

import torch
from torch import nn

WEIGHTS = Path(__file__).with_name({weights!r})
MEAN, STD = {mean}, {std}  # the normalisation of pixels in [0, 1]


def build():
    """Return the layers with random weights."""
    return nn.Sequential(
{layers}
    )


def load(path=WEIGHTS):
    """Return the model with the weights of a .pt file (a state dict) or of a .safetensors file."""
    if str(path).endswith(".safetensors"):
        from safetensors.torch import load_file

        weights = {{name.removeprefix("layers."): tensor for name, tensor in load_file(path).items()}}
    else:
        weights = torch.load(path, weights_only=True)
    model = build()
    model.load_state_dict(weights)
    return model.eval()


@torch.inference_mode()
def logits_of(model, images):
    """Return the logits (n, {outputs}) of images (n, {height}, {width}), float32, 0 background to 1 ink."""
    return model(((images - MEAN) / STD).unsqueeze(1))


def predict(model, images):
    """Return the predicted classes (n,) and the outputs (n, {outputs}) of images, see logits_of."""
    logits = logits_of(model, images)
    return {classes}, {function}


if __name__ == "__main__":
    import numpy as np
    from PIL import Image

    trained = load()
    for name in sys.argv[1:]:
        pixels = np.asarray(Image.open(name).convert("L"), np.float32) / 255
        predicted, outputs = predict(trained, torch.from_numpy(pixels)[None])
        values = " ".join(f"{{value:.6f}}" for value in outputs[0].tolist())
        print(f"{{name}}: {{predicted.item()}} ({{values}})")
'''


def save_model_program(path: Path, loaded: LoadedModel) -> Path:
    """Write the program of a model, and its weights beside it, "name.pt"; return the path of the weights.

    Raise DigitpadError if one cannot be written.
    """
    weights = path.with_suffix(".pt")
    if weights.exists() and not path.exists():  # it is not the one of an earlier export
        raise DigitpadError("{path} exists already, and would be replaced: choose another name", path=weights)
    write_state_dict(weights, loaded.model)
    write_atomically(path, model_text(loaded.model.spec, loaded.card.name, path.name, weights.name).encode())
    return weights


def model_text(spec: Spec, name: str, program: str, weights: str) -> str:
    """Return the program's source code; `program` and `weights` are the names of the two files."""
    if isinstance(spec, MLPSpec):
        spec = replace(spec, initial="torch")  # the initial weights are replaced at once
    height, width = inputs_of(spec)
    threshold = f"{single_threshold(output_of(spec)):g}"
    return _TEMPLATE.format(
        name=plain(name),
        program=plain(program),
        weights=weights,
        weights_text=plain(weights),
        height=height,
        width=width,
        mean=spec.normalisation.mean,
        std=spec.normalisation.std,
        layers="\n".join(f"        {line}," for line in layer_lines(spec)),
        outputs=outputs_of_model(spec),
        classes=f"(logits[:, 0] > {threshold}).long()" if outputs_of_model(spec) == 1 else "logits.argmax(dim=1)",
        function=OUTPUTS[output_of(spec)],
    )

"""The state of a training that was interrupted: safetensors with a header in JSON, no code."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.models.specs import Spec, parameter_count
from digitpad.core.runtime.memory import check_memory
from digitpad.core.training.events import TrainerState
from digitpad.core.translation import tr

_FORMAT = "digitpad-state-1"
_KEY = "digitpad"
_KINDS = "biuf"  # NumPy's own number types
# The weights, two moments of Adam and the averaged weights are 16 bytes; the order of ten million images is 80 MB.
_BYTES_PER_PARAMETER, _OTHER_BYTES = 24, 80 << 20
# AttributeError and TypeError: for example a number type that NumPy does not have.
_CONTENT_ERRORS = (AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError)


def save_state(path: Path, state: TrainerState) -> None:
    """Write a state atomically."""
    header = json.dumps({"format": _FORMAT, "epoch": state.epoch, "notes": dict(state.notes)})
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    # The file's content, and a copy of each array in it.
    check_memory(2 * sum(array.nbytes for array in arrays.values()), tr("choose smaller layers"))
    write_atomically(path, save(arrays, metadata={_KEY: header}))


def _largest_size(model: Spec) -> int:
    return _BYTES_PER_PARAMETER * parameter_count(model) + _OTHER_BYTES


def load_state(path: Path, model: Spec) -> TrainerState:
    """Read a state that `save_state` wrote in a training of a model.

    Raise DigitpadError if the file is missing, damaged, not from digitpad, or larger than a state of this model can be.
    """
    try:
        if regular_file_size(path) > _largest_size(model):
            raise ValueError("too large")
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            if header["format"] != _FORMAT:
                raise DigitpadError(
                    "{path} is from another version of digitpad: update digitpad or start a new run", path=path
                )
            # safe_open maps the file, which a later state replaces, so copy.
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        if any(array.dtype.kind not in _KINDS for array in arrays.values()):
            raise ValueError("a number type of another library")
        if type(header["epoch"]) is not int or header["epoch"] < 1:
            raise ValueError("no such epoch")
        return TrainerState(epoch=header["epoch"], arrays=arrays, notes=dict(header["notes"]))
    except FileNotFoundError as error:
        raise DigitpadError(
            "{path} does not exist, so the run cannot be resumed: start a new run", path=path
        ) from error
    except (SafetensorError, OSError, *_CONTENT_ERRORS) as error:
        raise DigitpadError(
            "{path} is damaged, so the run cannot be resumed: its best weights are kept", path=path
        ) from error

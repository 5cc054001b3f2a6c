"""A training's state as a file: safetensors, its notes as JSON in the header."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from digitpad.core.errors import DigitpadError
from digitpad.core.events import TrainerState
from digitpad.core.reading import size_of_file
from digitpad.core.saving import write_atomically

_FORMAT = "digitpad-state-1"
_KEY = "digitpad"
_KINDS = "biuf"  # NumPy's own numbers
# AttributeError and TypeError: among others, a type of numbers that NumPy has not.
_WRONG_CONTENT = (AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError)


def save_state(path: Path, state: TrainerState) -> None:
    """Write a state, whole or not at all."""
    header = json.dumps({"format": _FORMAT, "epoch": state.epoch, "notes": dict(state.notes)})
    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    write_atomically(path, save(arrays, metadata={_KEY: header}))


def load_state(path: Path) -> TrainerState:
    """Read a state that `save_state` wrote.

    Raises
    ------
    DigitpadError
        Where the file is missing, damaged or not digitpad's.

    """
    try:
        size_of_file(path)  # a pipe would be waited for
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            if header["format"] != _FORMAT:
                raise DigitpadError(f"{path} is of another version of digitpad: update digitpad, or train anew")
            # safe_open maps the file; a copy stays when a later state takes its name.
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        if any(array.dtype.kind not in _KINDS for array in arrays.values()):
            raise ValueError("numbers that NumPy has only with another library")
        if type(header["epoch"]) is not int or header["epoch"] < 1:
            raise ValueError("no such epoch")
        return TrainerState(epoch=header["epoch"], arrays=arrays, notes=dict(header["notes"]))
    except FileNotFoundError as error:
        raise DigitpadError(f"{path} does not exist: there is nothing to go on from, train anew") from error
    except (SafetensorError, OSError, *_WRONG_CONTENT) as error:
        raise DigitpadError(f"{path} is damaged: this training cannot go on, its best weights are kept") from error

"""PyTorch state dicts, ``.pt`` and ``.pth``: written for programs without digitpad, read without running their code."""

import io
import json
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.runtime.memory import check_memory
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from torch import Tensor

    from digitpad.core.models.networks import DigitModel

ENDINGS = (".pt", ".pth")
MAX_FILE_SIZE = 2 << 30
_MAX_PICKLE = 1 << 20  # bytes; that of the deepest model has 5 kB
_MAX_ENTRIES = 1000
_MAX_TENSORS = 200
_SPEC = "digitpad.json"  # an additional file in the archive, which torch does not read


def write_state_dict(path: Path, model: "DigitModel") -> None:
    """Write the weights of a model's layers as ``torch.save(layers.state_dict())`` does, with its spec beside them.

    The keys are those of an ``nn.Sequential``: "1.weight", "1.bias" …. Raise DigitpadError if it cannot be written.
    """
    import torch

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.layers.state_dict().items()}
    check_memory(3 * sum(tensor.nbytes for tensor in weights.values()), tr("choose smaller layers"))
    content = io.BytesIO()
    torch.save(weights, content)
    with zipfile.ZipFile(content, "a") as archive:
        root = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{root}/{_SPEC}", json.dumps(asdict(model.spec)))
    write_atomically(path, content.getvalue())


def read_state_dict(path: Path) -> "tuple[dict[str, Tensor], dict[str, Any] | None]":
    """Read the tensors of a state dict, in their order, and the spec that `write_state_dict` wrote, or None.

    The archive is checked before torch reads it, with ``weights_only``: nothing in the file is executed. The tensors
    are dense, on the CPU, and no larger than the file.

    Raise DigitpadError if the file is missing, too large, or not a state dict.
    """
    import torch

    spec = _checked(path)
    check_memory(2 * regular_file_size(path), tr("close other programs, or choose a smaller model"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sparse tensors and odd pickles, which are refused
            content = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError as error:
        raise DigitpadError("there is not enough memory: choose a smaller model") from error
    except Exception as error:  # UnpicklingError, RuntimeError, KeyError …: whatever the bytes make of it
        raise _not_weights(path) from error
    return _tensors(path, content), spec


def _checked(path: Path) -> dict[str, Any] | None:
    """Check the archive before torch reads it, and return the spec in it."""
    try:
        size = regular_file_size(path)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            own = next((entry for entry in entries if entry.filename.partition("/")[2] == _SPEC), None)
            is_sound = size <= MAX_FILE_SIZE and _is_sound(entries, size)
            spec = json.loads(archive.read(own)) if own and is_sound else None
    except OSError as error:
        raise read_error(path, error) from error
    except DigitpadError:
        raise
    except Exception as error:  # zipfile raises many kinds for damaged archives
        raise _not_weights(path) from error
    if not is_sound:
        raise _not_weights(path)
    return spec if isinstance(spec, dict) else None


def _is_sound(entries: list[zipfile.ZipInfo], size: int) -> bool:
    """Return whether files are stored as they are, together no larger than the archive, and torch's are there."""
    return (
        len(entries) <= _MAX_ENTRIES
        and sum(entry.file_size for entry in entries) <= size
        and all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        and all(entry.file_size <= _MAX_PICKLE for entry in entries if entry.filename.endswith((".pkl", _SPEC)))
        and any(entry.filename.endswith("/data.pkl") for entry in entries)
    )


def _tensors(path: Path, content: object) -> "dict[str, Tensor]":
    """Check that the content of a file is a state dict, or a checkpoint that holds one."""
    import torch

    if isinstance(content, Mapping):  # "state_dict" is the usual key of a checkpoint
        content = next((content[key] for key in ("state_dict", "model_state_dict", "model") if key in content), content)
    if not isinstance(content, Mapping) or not 0 < len(content) <= _MAX_TENSORS:
        raise _not_weights(path)
    tensors, total = {}, 0
    for name, tensor in content.items():
        is_plain = isinstance(name, str) and type(tensor) in (torch.Tensor, torch.nn.Parameter)
        # Batch norms count their batches in int64.
        if not is_plain or not (tensor.is_floating_point() or tensor.dtype == torch.int64):
            raise _not_weights(path)
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
            raise _not_weights(path)
        # A view may repeat the numbers of a small file any number of times.
        total += tensor.nelement() * tensor.element_size()
        if total > regular_file_size(path):
            raise _not_weights(path)
        tensors[name] = tensor.detach()
    return tensors


def _not_weights(path: Path) -> DigitpadError:
    return DigitpadError(
        "{path} is not a state dict, which torch.save(model.state_dict()) writes: save the weights alone, without the "
        "model's code",
        path=path,
    )

"""Model files: safetensors, with the spec and the model card as readable JSON in the header.

Such a file holds numbers and text but no code. All input is validated.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.errors import DigitpadError, missing_file_error, read_error
from digitpad.core.files.atomic import write_atomically, write_new
from digitpad.core.files.paths import ASSETS, shortened, user_models, user_runs
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import looks_like_path
from digitpad.core.models.specs import ModelSpec, Spec
from digitpad.core.runtime.memory import check_memory
from digitpad.core.translation import tr, tr_noop

if TYPE_CHECKING:
    from torch import Tensor

    from digitpad.core.models.networks import DigitModel

SUFFIX = ".safetensors"
# Models of other programs, see `digitpad.core.models.exchange`.
FOREIGN = (".onnx", ".pt", ".pth")
_SHIPPED_NAMES = {"softmax": "Softmax", "mlp": "MLP", "cnn": "CNN"}
# The weights that a run keeps: those of its best epoch, and those of its last one.
BEST, LAST = "best.safetensors", "last.safetensors"
Epoch = Literal["best", "last"]
_EPOCHS: dict[str, str] = {BEST: tr_noop("{name} · best ({epoch:,})"), LAST: tr_noop("{name} · last ({epoch:,})")}
_FORMAT = "digitpad-model-1"
_KEY = "digitpad"
# The largest model that the specs allow, eight layers of 8192 units, has 1.9 GB.
MAX_FILE_SIZE = 2 << 30
_MAX_HEADER_SIZE = 1 << 20
_DTYPES = {"torch.float32": "F32", "torch.int64": "I64"}
_MAX_TEXT = 200  # characters of a text in a card


def _short(text: object) -> object:
    # The name of a folder or file may be longer, or not valid Unicode.
    return shortened(text, _MAX_TEXT) if isinstance(text, str) else text


def _finite(loss: object) -> object:
    # JSON has no number for the loss of a training that diverged.
    return None if isinstance(loss, float) and not math.isfinite(loss) else loss


_Text = Annotated[str, BeforeValidator(_short)]


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class ModelCard:
    """The description of a model's weights, written by the training.

    Long texts lose their middle. A test loss that is not finite is None.
    """

    name: Annotated[_Text, Field(min_length=1)]
    title: _Text = ""
    dataset: _Text = ""
    test_accuracy: Annotated[float, Field(ge=0, le=1)] | None = None
    test_loss: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(_finite)] = None
    epochs: Annotated[int, Field(ge=0)] | None = None
    training: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)


_CARD: TypeAdapter[ModelCard] = TypeAdapter(ModelCard)
_SPEC: TypeAdapter[Spec] = TypeAdapter(ModelSpec)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model to choose: a file, or the model in training, which is in memory."""

    path: Path
    card: ModelCard
    is_shipped: bool
    live: "LoadedModel | None" = field(default=None, compare=False)
    note: str = field(default="", compare=False)  # a sentence on what was assumed about the file
    is_one_of_two: bool = False  # whether its run has another one to choose: the best or the last

    @property
    def belongs_to_run(self) -> bool:
        """Whether it is the model of a run."""
        return self.live is not None or self.path.name in (BEST, LAST)

    @property
    def source(self) -> "Path | LoadedModel":
        """The model for a `digitpad.core.recognition.recogniser.Question`."""
        return self.live or self.path

    @property
    def name(self) -> str:
        """Its name on the command line: the file name without suffix, or the folder name of a run."""
        return self.path.parent.name if self.path.name in (BEST, LAST) else self.path.stem


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model ready to use, with its card, its file if it has one, and a sentence on what was assumed about it."""

    model: "DigitModel"
    card: ModelCard
    path: Path | None = None
    note: str = ""

    @property
    def title(self) -> str:
        """What a sentence about it says: its file, or the name in its card."""
        return self.card.name if self.path is None else str(self.path)


def save_model(path: Path, model: "DigitModel", card: ModelCard, *, overwrite: bool = True) -> None:
    """Write a model file atomically; without `overwrite` raise FileExistsError if it exists."""
    from safetensors.torch import save

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    check_memory(2 * sum(tensor.nbytes for tensor in tensors.values()), tr("choose smaller layers"))
    header = {"format": _FORMAT, "spec": asdict(model.spec), "card": asdict(card)}
    content = save(tensors, metadata={_KEY: json.dumps(header, sort_keys=True)})
    (write_atomically if overwrite else write_new)(path, content)


def read_card(path: Path) -> ModelCard:
    """Read the card of a model file without loading torch or the weights; raises DigitpadError."""
    if is_foreign(path):
        return _foreign_card(path)
    content = _read_own_header(path)
    try:
        return _CARD.validate_python(content.get("card"))
    except ValidationError as error:
        raise DigitpadError("{path} has a damaged description: train or copy the model again", path=path) from error


def read_spec(path: Path) -> Spec:
    """Read the spec of a model file without loading torch or the weights; raises DigitpadError."""
    try:
        return _SPEC.validate_python(_read_own_header(path).get("spec"))
    except ValidationError as error:
        raise DigitpadError("{path} has a model that this version cannot build: update digitpad", path=path) from error


def load_model(path: Path, *, of_digits: bool = True) -> LoadedModel:
    """Load a model file, of digitpad or of another program.

    Raise DigitpadError if the file is missing or damaged, if its layers are none that digitpad has, if its weights do
    not fit its spec, or, with `of_digits`, if the model does not have ten classes.
    """
    import torch

    from digitpad.core.models.networks import model_of

    card, note = read_card(path), ""
    if is_foreign(path):
        from digitpad.core.models.exchange.foreign import read_foreign

        foreign = read_foreign(path)
        spec, tensors, note = foreign.spec, foreign.weights, foreign.note
    else:
        spec = read_spec(path)
        tensors = _read_tensors(path, spec)
    if of_digits and getattr(spec, "outputs", CLASSES) != CLASSES:
        raise DigitpadError("{path} has two classes, not the ten digits: choose a model of digits", path=path)
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise DigitpadError(
            "{path} has weights that are not finite numbers: train it again with a lower learning rate", path=path
        )
    model = model_of(spec, tensors)
    probe = torch.stack([torch.zeros(28, 28), torch.ones(28, 28), torch.eye(28)])
    if not torch.isfinite(model(probe)).all():
        raise DigitpadError(
            "{path} has outputs that are not finite numbers: train it again with a lower learning rate", path=path
        )
    return LoadedModel(model=model, card=card, path=path, note=note)


def is_foreign(path: Path) -> bool:
    """Return whether a file is a model of another program, by its ending."""
    return path.suffix.lower() in FOREIGN


def _foreign_card(path: Path) -> ModelCard:
    """Return the card of a file that has none."""
    try:
        regular_file_size(path)
    except OSError as error:
        raise read_error(path, error) from error
    return ModelCard(name=path.stem, title=path.suffix.lower().removeprefix(".").replace("onnx", "ONNX"))


def _read_tensors(path: Path, spec: Spec) -> "dict[str, Tensor]":
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    from digitpad.core.models.networks import build

    with torch.device("meta"):
        _check_tensors(path, build(spec).state_dict())
    check_memory(2 * regular_file_size(path), tr("close other programs, or choose a smaller model"))
    try:
        return load(path.read_bytes())
    except (SafetensorError, OSError, MemoryError, ValueError, RuntimeError) as error:
        raise _damaged(path) from error


def list_models() -> list[ModelEntry]:
    """List the shipped models, most accurate last, then the user's by name; unreadable files are skipped."""
    shipped = [entry for path in (ASSETS / "models").glob(f"*{SUFFIX}") if (entry := _entry(path, shipped=True))]
    saved = [entry for path in _glob(user_models(), f"*{SUFFIX}") if (entry := _entry(path, shipped=False))]
    return sorted(shipped, key=lambda entry: entry.card.test_accuracy or 0.0) + saved


def list_run_models() -> list[ModelEntry]:
    """List the best models of the user's runs, oldest first."""
    return [entry for path in _glob(user_runs(), f"[!.]*/{BEST}") if (entry := _entry(path, shipped=False))]


def find_model(name: str) -> Path:
    """Find a model by its name, by the name of a run, or by its path; raises DigitpadError.

    A file without suffix in the current folder has the path "./cnn"; "cnn" is the shipped model.
    """
    path = Path(name)
    if path.suffix in (SUFFIX, *FOREIGN) or looks_like_path(name):
        if not path.is_file():
            raise missing_file_error(path, hint="digitpad models")
        return path
    entries, runs = list_models(), list_run_models()[::-1]
    for entry in [*entries, *runs]:
        if name in (entry.name, entry.card.name):
            return entry.path
    if path.is_file():
        return path
    names = ", ".join(entry.name for entry in entries)
    # Runs are named by their recipe, and what differs from it: "mlp-fast · lr 0.01".
    newest = next((entry.name for entry in runs if entry.card.name.startswith(f"{name} ")), "")
    hint = (
        tr("its newest run is {newest}; see 'digitpad runs'").format(newest=newest)
        if newest
        else tr("see 'digitpad runs'")
    )
    raise DigitpadError(
        "there is no model “{name}”: choose one of {names}, a run, or a file", name=name, names=names, hint=hint
    )


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _entry(path: Path, *, shipped: bool) -> ModelEntry | None:
    try:
        return ModelEntry(path=path, card=read_card(path), is_shipped=shipped)
    except DigitpadError:
        return None


def _damaged(path: Path) -> DigitpadError:
    """Return the error for a model file whose weights cannot be read."""
    return DigitpadError("{path} is truncated or damaged: copy or train the model again", path=path)


def _check_tensors(path: Path, expected: "Mapping[str, Tensor]") -> None:
    """Compare the header with the expected weights, before they are read: it may say that there are any number of them.

    Raise DigitpadError if they differ, or the file does not have that size.
    """
    header, length = _read_header(path)
    found = {name: content for name, content in header.items() if name != "__metadata__"}
    wanted = {name: (_DTYPES[str(tensor.dtype)], list(tensor.shape)) for name, tensor in expected.items()}
    try:
        has_expected = {name: (content["dtype"], content["shape"]) for name, content in found.items()} == wanted
    except (KeyError, TypeError) as error:
        raise _damaged(path) from error
    if not has_expected:
        raise DigitpadError("{path} has weights that do not fit its description: train the model again", path=path)
    if regular_file_size(path) != 8 + length + sum(tensor.nbytes for tensor in expected.values()):
        raise _damaged(path)


def _read_own_header(path: Path) -> dict[str, Any]:
    """Read the JSON that `save_model` writes to the header."""
    try:
        content = json.loads(_read_header(path)[0]["__metadata__"][_KEY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_a_model(path) from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise _not_a_model(path)
    return content


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Read the header of a safetensors file, and its length in bytes."""
    try:
        if regular_file_size(path) > MAX_FILE_SIZE:
            raise _not_a_model(path)
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            text = file.read(length) if 0 < length <= _MAX_HEADER_SIZE else b""
        content = json.loads(text)
    except OSError as error:
        raise read_error(path, error) from error
    except (ValueError, RecursionError) as error:
        raise _not_a_model(path) from error
    if not isinstance(content, dict):
        raise _not_a_model(path)
    return content, length


def _not_a_model(path: Path) -> DigitpadError:
    return DigitpadError(
        "{path} is not a model of digitpad: choose a {suffix} file saved by digitpad", path=path, suffix=SUFFIX
    )


def display_name(entry: ModelEntry) -> str:
    """Return a model's name to show."""
    if entry.is_shipped:
        return _SHIPPED_NAMES.get(entry.name, entry.name)
    if entry.is_one_of_two:
        return tr(_EPOCHS[entry.path.name]).format(name=entry.card.name, epoch=entry.card.epochs or 0)
    return entry.card.name if entry.belongs_to_run else entry.name

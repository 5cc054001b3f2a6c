"""Model files: safetensors, with everything else about the model as readable JSON in the header.

Such a file holds numbers and text, nothing that could be run. All of it is checked before it is believed.
"""

import json
import struct
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import write_atomically, write_new
from digitpad.core.files.paths import ASSETS, user_models, user_runs
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import ModelSpec, Spec

_NAMES = {"softmax": "Softmax", "mlp": "MLP", "cnn": "CNN"}


if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

SUFFIX = ".safetensors"
# The weights of a run that are used.
BEST = "best.safetensors"
_FORMAT = "digitpad-model-1"
_KEY = "digitpad"
# The largest model that `digitpad.core.models.networks` allows is far smaller.
_LARGEST_FILE = 1 << 30
_LARGEST_HEADER = 1 << 20


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class ModelCard:
    """What is known about a model's weights; every word and figure comes from its training."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(max_length=200)] = ""
    dataset: Annotated[str, Field(max_length=200)] = ""
    test_accuracy: Annotated[float, Field(ge=0, le=1)] | None = None
    test_loss: Annotated[float, Field(ge=0)] | None = None
    epochs: Annotated[int, Field(ge=0)] | None = None
    training: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)


_CARD: TypeAdapter[ModelCard] = TypeAdapter(ModelCard)
_SPEC: TypeAdapter[Spec] = TypeAdapter(ModelSpec)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that can be chosen: a file, or the one in training, which is in memory."""

    path: Path
    card: ModelCard
    is_shipped: bool
    live: "LoadedModel | None" = field(default=None, compare=False)

    @property
    def belongs_to_run(self) -> bool:
        """Whether it is a run's, whose name says more than its file's."""
        return self.live is not None or self.path.name == BEST

    @property
    def source(self) -> "Path | LoadedModel":
        """What a `digitpad.core.recognition.prediction.Question` names it by."""
        return self.live or self.path

    @property
    def name(self) -> str:
        """What it is chosen by: the file's name without its ending, or the folder's where it belongs to a run."""
        return self.path.parent.name if self.path.name == BEST else self.path.stem


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model ready to use, with its card."""

    model: "DigitModel"
    card: ModelCard


def save_model(path: Path, model: "DigitModel", card: ModelCard, *, overwrite: bool = True) -> None:
    """Write a model file, whole or not at all; without `overwrite` raise FileExistsError where there is one."""
    from safetensors.torch import save

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    header = {"format": _FORMAT, "spec": asdict(model.spec), "card": asdict(card)}
    content = save(tensors, metadata={_KEY: json.dumps(header, sort_keys=True)})
    (write_atomically if overwrite else write_new)(path, content)


def read_card(path: Path) -> ModelCard:
    """Read what a model file says about itself, without loading torch or the weights."""
    content = _header(path)
    try:
        return _CARD.validate_python(content.get("card"))
    except ValidationError as error:
        raise DigitpadError("{path} has a damaged description: train or download the model again", path=path) from error


def read_spec(path: Path) -> Spec:
    """Read of what shape a model is, without loading torch or the weights."""
    try:
        return _SPEC.validate_python(_header(path).get("spec"))
    except ValidationError as error:
        raise DigitpadError(
            "{path} describes a model that this version cannot build: update digitpad", path=path
        ) from error


def load_model(path: Path, *, of_digits: bool = True) -> LoadedModel:
    """Load a model file.

    Raises
    ------
    DigitpadError
        Where the file is missing, damaged, not digitpad's, of another shape than it says, or, with `of_digits`, where
        the model tells something else apart than the ten digits.

    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    from digitpad.core.models.networks import build, model_of

    card = read_card(path)
    spec = read_spec(path)
    if of_digits and getattr(spec, "outputs", CLASSES) != CLASSES:
        raise DigitpadError("{path} tells two classes apart, not ten digits: choose a model of digits", path=path)
    try:
        tensors = load(path.read_bytes())
    # KeyError: a type that torch has not; RuntimeError: a shape that it cannot count
    except (SafetensorError, OSError, MemoryError, ValueError, KeyError, RuntimeError) as error:
        raise DigitpadError("{path} is truncated or damaged: copy or train the model again", path=path) from error
    with torch.device("meta"):
        expected = {name: (t.shape, t.dtype) for name, t in build(spec).state_dict().items()}
    if {name: (t.shape, t.dtype) for name, t in tensors.items()} != expected:
        raise DigitpadError(
            "{path} has weights of another shape than its description says: train the model again", path=path
        )
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise DigitpadError("{path} has weights that are no numbers (NaN): train the model again", path=path)
    model = model_of(spec, tensors)
    probe = torch.stack([torch.zeros(28, 28), torch.ones(28, 28), torch.eye(28)])
    if not torch.isfinite(model(probe)).all():
        raise DigitpadError("{path} has weights whose answers are no numbers: train the model again", path=path)
    return LoadedModel(model=model, card=card)


def list_models() -> list[ModelEntry]:
    """List the shipped models, most accurate last, then the user's by name; unreadable files are left out."""
    shipped = [entry for path in (ASSETS / "models").glob(f"*{SUFFIX}") if (entry := _entry(path, shipped=True))]
    own = [entry for path in sorted(_own_files()) if (entry := _entry(path, shipped=False))]
    return sorted(shipped, key=lambda entry: entry.card.test_accuracy or 0.0) + own


def list_run_models() -> list[ModelEntry]:
    """List the best models of the user's runs, oldest first."""
    try:
        files = sorted(user_runs().glob(f"*/{BEST}"))
    except OSError:
        return []
    return [entry for path in files if (entry := _entry(path, shipped=False))]


def find_model(name: str) -> Path:
    """Find a model by its name, by a run's, or by its file's path."""
    path = Path(name)
    if path.suffix == SUFFIX or path.parent != Path() or path.is_file():
        if not path.is_file():
            raise DigitpadError("{path} does not exist: check the name, or see 'digitpad models'", path=path)
        return path
    entries = list_models()
    for entry in [*entries, *reversed(list_run_models())]:
        if name in (entry.name, entry.card.name):
            return entry.path
    raise DigitpadError(
        "there is no model {name!r}: choose one of {choices}, or a file",
        name=name,
        choices=", ".join(e.name for e in entries),
    )


def _own_files() -> list[Path]:
    try:
        return list(user_models().glob(f"*{SUFFIX}"))
    except OSError:
        return []


def _entry(path: Path, *, shipped: bool) -> ModelEntry | None:
    try:
        return ModelEntry(path=path, card=read_card(path), is_shipped=shipped)
    except DigitpadError:
        return None


def _header(path: Path) -> dict[str, Any]:
    """Read the JSON that `save_model` put into the file's header."""
    foreign = f"{path} is no model of digitpad's: choose a {SUFFIX} file that it saved"
    try:
        if regular_file_size(path) > _LARGEST_FILE:
            raise DigitpadError(foreign)
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            text = file.read(length) if 0 < length <= _LARGEST_HEADER else b""
        content = json.loads(json.loads(text)["__metadata__"][_KEY])
    except FileNotFoundError as error:
        raise DigitpadError("{path} does not exist: check the name", path=path) from error
    except OSError as error:
        raise DigitpadError("{path} cannot be read: {reason}", path=path, reason=reason_of(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DigitpadError(foreign) from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DigitpadError(foreign)
    return content


def display_name(entry: ModelEntry) -> str:
    """Return a model's name as people write it."""
    if entry.is_shipped:
        return _NAMES.get(entry.name, entry.name)
    return entry.card.name if entry.belongs_to_run else entry.name

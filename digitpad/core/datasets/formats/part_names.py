"""Which part of a data set a name says: "mnist_train.csv", "x_test", "t10k-images", "training/"."""

import re
from collections.abc import Iterable
from pathlib import Path

from digitpad.core.images.idx_sets import Part

# Validation samples were not used to measure: they belong to the training part, as in the tutorials of pickled MNIST.
_WORDS: dict[str, Part] = {
    **dict.fromkeys(("training", "train", "validation", "valid", "val"), "train"),
    **dict.fromkeys(("testing", "test", "t10k", "eval"), "test"),
}
_PART = re.compile(rf"(?<![a-z])[xy]?({'|'.join(_WORDS)})[xy]?(?![a-z])")
SHARD = re.compile(r"-\d{5}-of-\d{5}")  # as Hugging Face numbers the files of a part
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")


def part_of(name: str) -> Part | None:
    """Return the part that a name says, or None."""
    found = _find(name)
    return _WORDS[found] if found else None


def _find(name: str) -> str:
    words = _PART.findall(_CAMEL.sub("_", name).lower())
    return words[-1] if words else ""


def without_part(name: str) -> str:
    """Return a name without the word of its part, to find the file of the other part beside it."""
    plain = SHARD.sub("", _CAMEL.sub("_", name).lower())
    found = list(_PART.finditer(plain))
    return plain[: found[-1].start(1)] + plain[found[-1].end(1) :] if found else plain


def siblings(path: Path, names: Iterable[str]) -> list[Path]:
    """Return the file and, of the names in its folder, those that differ only in the word of the part."""
    if part_of(path.name) is None:
        return [path]
    base = without_part(path.name)
    others = {part_of(name): name for name in sorted(names) if name != path.name and without_part(name) == base}
    others.pop(part_of(path.name), None)
    others.pop(None, None)
    return [path, *(path.with_name(name) for name in others.values())]

"""The built-in digits, which are shipped."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from built_in_digits import enlarged
from sklearn.datasets import load_digits as published_digits

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images import built_in_digits


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Have the file read again, before and after the test."""
    built_in_digits._arrays.cache_clear()
    yield
    built_in_digits._arrays.cache_clear()


def test_the_file_holds_what_its_script_makes() -> None:
    values, labels = published_digits(return_X_y=True)
    originals, kept_labels = built_in_digits.original_digits()
    images, _ = built_in_digits.built_in_digits()
    assert np.array_equal(originals.reshape(-1, 64), values)
    assert np.array_equal(kept_labels, labels)
    # Other versions of Pillow and SciPy round otherwise.
    for image, original in list(zip(images, originals, strict=True))[::100]:
        assert np.abs(image.astype(int) - enlarged(original)).max() <= 2


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not the rest", b"\x93NUMPY"])
def test_a_missing_or_damaged_file_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    file = tmp_path / "digits.npz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(built_in_digits, "FILE", file)
    with pytest.raises(DigitpadError, match=r"digits\.npz, a part of digitpad, is missing or damaged: install"):
        load_digits(BUILT_IN, "train", tmp_path)

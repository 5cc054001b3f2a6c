"""TOML files that a user wrote, or downloaded."""

from pathlib import Path

import pytest

from digitpad.core.files import toml_files
from digitpad.core.files.toml_files import read_toml


def test_a_file_that_is_read_again_is_parsed_once_and_follows_its_changes(tmp_path: Path) -> None:
    toml_files._parsed.cache_clear()
    path = tmp_path / "some.toml"
    path.write_text("epochs = [1]", encoding="utf-8")
    read_toml(path)["epochs"].append(2)
    assert read_toml(path) == {"epochs": [1]}
    assert toml_files._parsed.cache_info().misses == 1
    path.write_text("epochs = [3]", encoding="utf-8")
    assert read_toml(path) == {"epochs": [3]}
    path.write_text("epochs = [3", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(toml_files.DigitpadError, match="correct line 1"):
            read_toml(path)

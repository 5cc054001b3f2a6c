"""Models are loaded once, and again when their files change."""

import os
import threading
from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.model_files import LoadedModel, ModelCard, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec, Spec


def saved(path: Path, spec: Spec | None = None, moment: int = 1) -> Path:
    save_model(path, build(spec or SoftmaxSpec()), ModelCard(name=path.stem))
    os.utime(path, (moment, moment))
    return path


def test_a_file_is_loaded_once(tmp_path: Path) -> None:
    path, cache = saved(tmp_path / "a.safetensors"), ModelCache()
    assert cache.get(path) is cache.get(path)


def test_a_file_with_a_new_time_is_loaded_again(tmp_path: Path) -> None:
    path, cache = tmp_path / "a.safetensors", ModelCache()
    first = cache.get(saved(path, moment=1))
    assert cache.get(saved(path, moment=2)) is not first


def test_a_file_with_a_new_size_is_loaded_again(tmp_path: Path) -> None:
    path, cache = tmp_path / "a.safetensors", ModelCache()
    assert cache.get(saved(path)).model.spec == SoftmaxSpec()
    assert cache.get(saved(path, MLPSpec(hidden=(3,)))).model.spec == MLPSpec(hidden=(3,))


def test_a_model_in_memory_is_returned_unchanged() -> None:
    loaded = LoadedModel(build(SoftmaxSpec()), ModelCard(name="live"))
    assert ModelCache().get(loaded) is loaded


def test_an_unusable_file_is_reported_until_it_is_replaced(tmp_path: Path) -> None:
    path, cache = tmp_path / "a.safetensors", ModelCache()
    with pytest.raises(DigitpadError, match=r"a\.safetensors does not exist"):
        cache.get(path)
    path.write_bytes(b"nothing like it")
    with pytest.raises(DigitpadError, match="is not a model of digitpad"):
        cache.get(path)
    assert cache.get(saved(path)).card.name == "a"
    path.unlink()
    with pytest.raises(DigitpadError, match="does not exist"):
        cache.get(path)


def test_the_least_recently_used_model_is_dropped(tmp_path: Path) -> None:
    a, b, c = (saved(tmp_path / f"{name}.safetensors") for name in "abc")
    cache = ModelCache(max_models=2)
    first, second = cache.get(a), cache.get(b)
    assert cache.get(a) is first
    cache.get(c)
    assert cache.get(a) is first
    assert cache.get(b) is not second


def test_concurrent_threads_get_the_same_model(tmp_path: Path) -> None:
    path, cache = saved(tmp_path / "a.safetensors"), ModelCache()
    found: list[LoadedModel] = []
    start = threading.Barrier(6)

    def ask() -> None:
        start.wait()
        found.append(cache.get(path))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len({id(model) for model in found}) == 1

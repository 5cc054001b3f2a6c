"""Fuzz target: run folders, which are refused, listed, renamed or resumed."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Literal

import numpy as np

from tests.stress.fuzz.mutation import JSON, mutated, nasty_text
from tests.stress.fuzz.sandbox import Target

if TYPE_CHECKING:
    from digitpad.core.training.events import Event, TrainerState
    from digitpad.core.training.recipes import Recipe

_FILES = (
    *("run.json", "metrics.jsonl", "best.safetensors", "last.safetensors", "state.safetensors"),
    *("batches.bin", "weights.bin", ".lock"),
)
_LARGEST_MODEL = 100_000  # parameters; a valid recipe may ask for more
_TIMES = (
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 0, -1e10),
    *("2026-01-01", 1e18, "x", None, "2026-11-21T12:00:00", "1969-12-31T00:00:00Z"),
)


def _prepare(draw: Random, folder: Path) -> Path:
    os.environ["XDG_DATA_HOME"] = str(folder)
    elsewhere = folder.parent / "elsewhere"
    if not elsewhere.exists():
        elsewhere.mkdir()
        (elsewhere / "precious").write_bytes(b"precious")
    run = folder / "digitpad" / "runs" / "a-run"
    run.mkdir(parents=True)
    for name, content in draw.choice(_seeds()).items():
        (run / name).write_bytes(content)
    for _ in range(draw.choice((1, 1, 2, 3))):
        draw.choice(_CHANGES)(draw, run)
    return run


def _use(run: Path) -> None:
    """Use a run as the program does."""
    from digitpad.core.errors import DigitpadError
    from digitpad.core.models.model_files import BEST, list_run_models, load_model
    from digitpad.core.runs.batch_curve import read_batch_curve
    from digitpad.core.runs.exporting import export_csv
    from digitpad.core.runs.run_folder import read_run
    from digitpad.core.runs.run_library import (
        delete_run,
        find_run,
        list_runs,
        list_unreadable_runs,
        purge_deleted,
        rename_run,
        restore_run,
    )
    from digitpad.core.runs.weight_history import read_weight_history

    listed = list_runs()
    assert len(listed) + len(list_unreadable_runs()) <= 1
    list_run_models()
    found = read_run(run)
    assert [each.id for each in listed] == [found.id], "it can be read and is not listed"
    _ = found.info.created.astimezone().isoformat(), found.best, found.last, f"{found.seconds:.0f}", found.is_running
    _ = int(found.seconds), [float(row.epoch) for row in found.rows], found.has_model, find_run(found.id)
    assert np.isfinite(read_batch_curve(run).steps).all()
    if (history := read_weight_history(run)) is not None:
        images = [history.images(index).images for index in range(len(history.epochs))]
        assert all(np.abs(each).max() <= 1 for each in images)
    with suppress(DigitpadError):
        export_csv(found, run.parent.parent / "curves.csv")
        if found.has_model:
            load_model(run / BEST, of_digits=False)
    with suppress(DigitpadError):
        _gone_on_with(run)
    with suppress(DigitpadError):
        _continued(run)
    assert {each.id for each in list_runs()} <= {found.id}, "a run that continues it is left, without an epoch"
    with suppress(DigitpadError):
        restore_run(delete_run(rename_run(read_run(run), "another name")))
    purge_deleted()


def _continued(folder: Path) -> None:
    """Start to train a run longer, and stop before an epoch."""
    from digitpad.core.runs.run_folder import read_run
    from digitpad.core.runs.training_job import train_longer_job
    from digitpad.core.runs.writer import RunWriter

    run = read_run(folder)
    job = train_longer_job(run, 900_000)
    RunWriter.create(job.recipe, "few", name="longer", data=Path("data"), versions={}, parent=run).close("stopped")


def _gone_on_with(folder: Path) -> None:
    """Resume a run and stop it before its next epoch; its files must still be there."""
    from digitpad.core.models.specs import parameter_count
    from digitpad.core.runs.run_folder import read_run
    from digitpad.core.runs.writer import RunWriter

    run = read_run(folder)
    if not run.can_resume or parameter_count(run.recipe.model) > _LARGEST_MODEL:
        return
    kept = {path.name for path in folder.iterdir()}
    writer = RunWriter.resume(run)
    try:
        next(_events(writer.run.recipe, writer.state))
    finally:
        writer.close("stopped")
    lost = kept - {path.name for path in folder.iterdir()}
    assert not lost, f"lost {lost}"


def _events(recipe: "Recipe", state: "TrainerState | None") -> "Iterator[Event]":
    from digitpad.core.images.digits import Digits
    from digitpad.core.models.specs import CNNSpec, inputs_of
    from digitpad.core.numpy_engine.loop import train_numpy
    from digitpad.core.training.loop import train

    few = Digits("few", np.zeros((4, *inputs_of(recipe.model)), np.uint8), np.array([0, 1, 0, 1], np.uint8))
    config = replace(recipe.training, device="cpu")
    if recipe.engine == "numpy" and not isinstance(recipe.model, CNNSpec):
        return train_numpy(recipe.model, config, few, few, state=state)
    return train(recipe.model, config, few, few, state=state)


def _warm() -> None:
    import torch

    torch.set_num_threads(1)  # a second thread on a busy processor causes delays
    _seeds()


@lru_cache
def _seeds() -> tuple[dict[str, bytes], ...]:
    """Return the files of two small runs, one of each engine, that were stopped."""
    from digitpad.core.images.digits import Digits
    from digitpad.core.models.specs import MLPSpec
    from digitpad.core.numpy_engine.loop import train_numpy
    from digitpad.core.runs.training_job import model_card
    from digitpad.core.runs.writer import RunWriter
    from digitpad.core.training.config import TrainConfig
    from digitpad.core.training.events import EpochDone
    from digitpad.core.training.loop import train
    from digitpad.core.training.recipes import Recipe

    few = Digits("few", np.random.default_rng(7).integers(0, 255, (4, 28, 28), np.uint8), np.arange(4, dtype=np.uint8))
    config = TrainConfig(epochs=5, optimizer="sgd", momentum=0.0, device="cpu", patience=3)
    found = []
    before = os.environ.get("XDG_DATA_HOME")
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        both: tuple[tuple[Literal["torch", "numpy"], TrainConfig], ...]
        both = (("torch", replace(config, momentum=0.9)), ("numpy", config))
        for engine, settings in both:
            spec = MLPSpec(hidden=(3,))
            recipe = Recipe(title="few", engine=engine, model=spec, training=settings)
            writer = RunWriter.create(recipe, "few", name="a run", data=Path("data"), versions={"a": "1"})
            events = (train if engine == "torch" else train_numpy)(spec, settings, few, few)
            for event in events:
                if not isinstance(event, EpochDone):
                    writer.watch(event)
                else:
                    writer.save_epoch(event, model_card("a run", recipe, "few", event))
                    if event.epoch > 1:
                        break
            writer.close("stopped")
            content = {p.name: p.read_bytes() for p in writer.run.folder.iterdir() if p.name != ".lock"}
            told = json.loads(content["run.json"]) | {"created": "2026-11-21T12:00:00+00:00"}
            lines = [json.dumps({**json.loads(line), "seconds": 1.5}) for line in content["metrics.jsonl"].splitlines()]
            found.append(content | {"run.json": json.dumps(told).encode(), "metrics.jsonl": "\n".join(lines).encode()})
    if before is not None:
        os.environ["XDG_DATA_HOME"] = before
    return tuple(found)


def _change_description(draw: Random, run: Path) -> None:
    _change(run / "run.json", draw)


def _change_lines(draw: Random, run: Path) -> None:
    _change(run / "metrics.jsonl", draw)


def _change_any(draw: Random, run: Path) -> None:
    _change(run / draw.choice(_FILES[2:7]), draw)


def _change(path: Path, draw: Random) -> None:
    if path.is_file() and not path.is_symlink():
        path.write_bytes(mutated([path.read_bytes()], draw, JSON if "json" in path.suffix else None))


def _change_state(draw: Random, run: Path) -> None:
    """Change the texts of the state, or use another run's state."""
    path = run / "state.safetensors"
    content = draw.choice(_seeds())[path.name]
    if path.is_file() and not path.is_symlink():
        length = int.from_bytes(content[:8], "little")
        text = mutated([content[8 : 8 + length]], draw, JSON) if draw.random() < 0.8 else content[8 : 8 + length]
        path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])


def _set_values(draw: Random, run: Path) -> None:
    """Set a value of the description to one that often causes bugs."""
    path = run / "run.json"
    with suppress(ValueError, OSError, RecursionError):
        if path.is_file() and not path.is_symlink() and isinstance(told := json.loads(path.read_bytes()), dict):
            key = draw.choice([*told, "created", "created", "left_out"])
            texts = [nasty_text(draw), [nasty_text(draw)], {nasty_text(draw): "x"}]
            told[key] = draw.choice(_TIMES) if key == "created" else draw.choice((*texts, {"train": [0, 1 << 70]}))
            path.write_text(json.dumps(told), encoding="utf-8")


def _replace(draw: Random, run: Path) -> None:
    """Replace a file, the run's folder or the folder of deleted runs by something else."""
    precious = str(run.parents[3].parent / "elsewhere")
    path = draw.choice((*(run / name for name in _FILES), run.parent / ".deleted"))
    if path.is_symlink() or path.is_file():
        path.unlink()
    kind = draw.randrange(5)
    if kind == 0 and not path.exists():
        path.mkdir()
    elif kind == 1 and not path.exists():
        os.mkfifo(path)
    elif kind > 1 and not path.exists():
        path.symlink_to(
            draw.choice((precious, f"{precious}/precious", f"{precious}/new", "/dev/zero", "/dev/null", ".."))
        )


_CHANGES = (
    *(
        _change_description,
        _change_lines,
        _change_any,
        _change_state,
        _change_state,
        _set_values,
        _set_values,
        _replace,
    ),
)
RUNS = Target("run folders", _prepare, _use, names=lambda run, said: run.name in said, warm=_warm, may_write=True)

"""How time grows with size: 1, 10 and 100 times as much, and the fitted exponent."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, data_folder, exponent, first, median_ms
from benchmarks.gallery import grid_of, painted_all
from digitpad.core.datasets.loading import load_digits
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.record import NewDigit, new_digit
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

_TIMES = (1, 10, 100)
# What goes through everything may grow with it, a little more for what no longer fits the cache; a page may not grow.
_LINEAR, _CONSTANT = 1.1, 0.2
_EPOCHS = 4
_ROUNDS = 15
_PAGE = 100
_POINTS = 80


def scaling() -> Iterator[Figure]:
    """Measure training, evaluation, gallery and My digits."""
    yield from _fitted("training an MLP, an epoch", 600, _epoch_ms, _LINEAR)
    yield from _fitted("evaluating an MLP", 700, _evaluation_ms, _LINEAR)
    grid = grid_of()
    yield from _fitted("gallery: shown → painted", 700, lambda count: painted_all(grid, count), _LINEAR)
    yield from _of_my_digits()


def _fitted(what: str, least: int, measured: Callable[[int], float], goal: float) -> Iterator[Figure]:
    sizes = [least * times for times in _TIMES]
    yield from _rows(what, sizes, [measured(size) for size in sizes], goal)


def _rows(what: str, sizes: list[int], milliseconds: list[float], goal: float) -> Iterator[Figure]:
    for size, taken in zip(sizes, milliseconds, strict=True):
        yield Figure(f"{what}, {size:,}", taken, None, "ms")
    yield Figure("  exponent", exponent(sizes, milliseconds), goal)


def _epoch_ms(count: int) -> float:
    from digitpad.core.training.loop import train

    digits, recipe = load_digits("mnist", "train", data_folder()), load_recipe("mlp-fast")
    recipe = with_settings(recipe, [f"epochs={_EPOCHS}"])
    some, few = first(digits, count), first(digits, 100)
    epochs = [e.seconds for e in train(recipe.model, recipe.training, some, few) if isinstance(e, EpochDone)]
    return 1000 * float(np.median(epochs[1:]))


def _evaluation_ms(count: int) -> float:
    from digitpad.core.evaluation.result import evaluate
    from digitpad.core.evaluation.samples import SampleSet, load_set
    from digitpad.core.models.model_files import find_model, load_model

    digits = first(load_set(SampleSet("mnist", "all", data_folder())).digits, count)
    model = load_model(find_model("mlp")).model
    return median_ms(lambda: evaluate(model, digits), 5, warm_up=1)


def _of_my_digits() -> Iterator[Figure]:
    counts = [100 * times for times in _TIMES]
    drawn = [_drawn(number) for number in range(counts[-1])]
    taken = [_of_drawings(drawn[:count]) for count in counts]
    for what, goal in {
        "opening": _LINEAR,
        "counts": _LINEAR,
        "a page": _CONSTANT,
        "keeping one more": _CONSTANT,
    }.items():
        yield from _rows(f"My digits: {what}", counts, [times[what] for times in taken], goal)


def _drawn(number: int) -> NewDigit:
    """Return a line with as many points as a digit, a different one for each number."""
    angle = np.linspace(0, 2 * np.pi, _POINTS)
    wide, high, turn = np.random.default_rng(number).uniform((20, 50, 0), (70, 100, 6))
    points = np.stack([140 + wide * np.sin(2 * angle + turn), 140 + high * np.cos(angle)], axis=1)
    return new_digit(Drawing(ink=Ink.of([points], PEN_WIDTH)), number % 10, predicted=number % 9, model="mlp")


def _of_drawings(digits: list[NewDigit]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "my-digits.sqlite3"
        with MyDigits.open(place) as mine:
            mine.add_all(digits)
        found = {"opening": median_ms(lambda: MyDigits.open(place).close(), _ROUNDS)}
        with MyDigits.open(place) as mine:
            drawing = digits[0].drawing
            found["counts"] = median_ms(mine.counts, _ROUNDS)
            found["a page"] = median_ms(lambda: mine.all(limit=_PAGE), _ROUNDS)
            found["keeping one more"] = median_ms(lambda: mine.add(drawing, 1), _ROUNDS)
    return found

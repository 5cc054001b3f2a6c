"""The results of a sweep: for each setting mean and spread over its seeds, the best first."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.differences import setting_name, setting_text, varied_settings
from digitpad.core.runs.run_folder import Run
from digitpad.core.sweeps.grid import settings_key
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr, tr_noop

_SEED = "training.seed"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over seeds, and the sample standard deviation; None for a single seed. NaN if there is no figure."""

    value: float
    spread: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Mean":
        """Return the mean of values, of which infinite ones and NaN make a mean without spread."""
        if not values or not all(map(math.isfinite, values)):
            return cls(values[0] if len(values) == 1 else math.nan)
        return cls(fmean(values), stdev(values) if len(values) > 1 else None)


@dataclass(frozen=True, slots=True)
class ComparedSetting:
    """A setting that is compared: its place in a recipe, "training.learning_rate", and its short name, "lr"."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class SettingResult:
    """The result of one combination of values.

    Attributes
    ----------
    values
        The value of each compared setting, as in a recipe; None where the model has no such setting.
    texts
        The same as texts.
    runs
        The runs that are finished, by seed.
    planned
        The number of trainings, finished or not.
    failed
        The number of runs that ended with an error, for example because the loss was not a number.
    accuracy, loss, seconds, epochs
        Means over the finished runs: test accuracy, 0 to 1, and test loss of the epoch that is used, see `Run.used`;
        the training time; the number of the last epoch.

    """

    values: tuple[Any, ...]
    texts: tuple[str, ...]
    runs: tuple[Run, ...]
    planned: int
    failed: int
    accuracy: Mean
    loss: Mean
    seconds: Mean
    epochs: Mean


@dataclass(frozen=True, slots=True, eq=False)
class SweepTable:
    """The compared settings, and a row for each combination; those without a result come last."""

    settings: tuple[ComparedSetting, ...]
    rows: tuple[SettingResult, ...]

    @property
    def best(self) -> SettingResult | None:
        """The best combination; None before there is a result."""
        return self.rows[0] if self.rows and self.rows[0].runs else None

    def axis(self, number: int) -> list[tuple[Any, str]]:
        """Return the different values of a setting with their texts: numbers by size, others as they come."""
        found = {row.texts[number]: row.values[number] for row in self.rows}
        values = [(value, text) for text, value in found.items()]
        is_number = all(isinstance(value, int | float) for value, _ in values)
        return sorted(values, key=lambda pair: pair[0] if is_number else _order(pair[0], pair[1]))


def sweep_runs(sweep: str, runs: Collection[Run]) -> list[Run]:
    """Return the runs of a sweep by its id, the oldest first."""
    return sorted((run for run in runs if run.info.sweep == sweep), key=lambda run: run.info.created.timestamp())


def find_sweep(name: str, runs: Collection[Run]) -> str:
    """Return the id of a sweep by its id, or by its beginning if only one begins so.

    Raise DigitpadError if there is none, or several.
    """
    known = list(dict.fromkeys(run.info.sweep for run in runs if run.info.sweep))
    found = [known_id for known_id in known if known_id == name] or [id_ for id_ in known if id_.startswith(name)]
    if len(found) == 1:
        return found[0]
    if not known:
        raise DigitpadError("there is no sweep yet", hint=tr("'digitpad sweep RECIPE --grid learning_rate=0.1,0.01'"))
    template = tr_noop("several sweeps begin with “{name}”: choose one of {choices}")
    if not found:
        template = tr_noop("there is no sweep “{name}”: choose one of {choices}")
    raise DigitpadError(template, name=name, choices=", ".join(found or known))


def sweep_table(recipes: Sequence[Recipe], runs: Collection[Run]) -> SweepTable:
    """Return the results of what is planned; `recipes` may be those of the runs, to show a sweep again."""
    planned: dict[str, list[Recipe]] = {}
    for recipe in recipes:
        planned.setdefault(settings_key(recipe, with_seed=False), []).append(recipe)
    first = [found[0] for found in planned.values()]
    varied = {key: values for key, values in varied_settings(first).items() if key != _SEED} if first else {}
    by_settings: dict[str, list[Run]] = {}
    for run in runs:
        by_settings.setdefault(settings_key(run.recipe), []).append(run)
    rows = [
        _row(tuple(values[number] for values in varied.values()), tuple(varied), found, by_settings)
        for number, found in enumerate(planned.values())
    ]
    settings = tuple(ComparedSetting(key, setting_name(key)) for key in varied)
    return SweepTable(settings, tuple(sorted(rows, key=_rank)))


def _row(
    values: tuple[Any, ...], keys: tuple[str, ...], recipes: Sequence[Recipe], runs: dict[str, list[Run]]
) -> SettingResult:
    wanted = list(dict.fromkeys(map(settings_key, recipes)))
    finished, failed = [], 0
    for key in wanted:
        of_seed = runs.get(key, [])
        done = [run for run in of_seed if run.info.outcome == "finished" and run.used]
        finished += done[-1:]
        failed += not done and any(run.info.outcome == "failed" for run in of_seed)
    used = [run.used for run in finished if run.used]
    return SettingResult(
        values,
        tuple(setting_text(key, value) for key, value in zip(keys, values, strict=True)),
        tuple(finished),
        len(wanted),
        failed,
        Mean.of([row.test_accuracy for row in used]),
        Mean.of([row.test_loss for row in used]),
        Mean.of([run.seconds for run in finished]),
        Mean.of([float(run.rows[-1].epoch) for run in finished]),
    )


def _rank(row: SettingResult) -> tuple[float, float]:
    if not row.runs:
        return 2.0, 0.0
    loss = row.loss.value
    return -row.accuracy.value, loss if math.isfinite(loss) else math.inf


def _order(value: object, text: str) -> tuple[object, ...]:
    """Return the sort key of a value: lists of numbers by size, then texts."""
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        return (0, len(value), value, text)
    return (1, 0, (), text)

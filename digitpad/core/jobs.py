"""A training from recipe to saved model."""

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from digitpad import __version__
from digitpad.core.data import Digits, load_digits
from digitpad.core.folders import data_folder, user_models
from digitpad.core.recipes import Recipe
from digitpad.core.saving import check_writable
from digitpad.core.storage import SUFFIX, ModelCard, save_model
from digitpad.core.training import EpochDone, Event, train


@dataclass(frozen=True, slots=True, eq=False)
class TrainingJob:
    """All that a training needs, checked before the first step."""

    name: str
    recipe: Recipe
    training: Digits
    test: Digits
    out: Path

    def run(self) -> Iterator[Event]:
        """Train and yield the events; after each epoch the model is saved, before its event is yielded."""
        for event in train(self.recipe.model, self.recipe.training, self.training, self.test):
            if isinstance(event, EpochDone):
                save_model(self.out, event.model, card_of(self, event))
            yield event


def prepare(recipe: Recipe, *, name: str, data: Path | None = None, out: Path | None = None) -> TrainingJob:
    """Load a recipe's data and see that its result can be saved.

    Raises
    ------
    DigitpadError
        Where the data is not there or the result could not be saved.

    """
    stamp = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    target = out or user_models() / f"{name}-{stamp}{SUFFIX}"
    check_writable(target)
    folder = data_folder(data)
    training, test = (load_digits(recipe.dataset, part, folder) for part in ("train", "test"))
    return TrainingJob(name=name, recipe=recipe, training=training, test=test, out=target)


def card_of(job: TrainingJob, epoch: EpochDone) -> ModelCard:
    """Describe the model of an epoch."""
    import torch

    return ModelCard(
        name=job.name,
        title=job.recipe.title,
        dataset=job.test.name,
        test_accuracy=epoch.test_accuracy,
        test_loss=epoch.test_loss,
        epochs=epoch.epoch,
        training=asdict(job.recipe.training),
        versions={"digitpad": __version__, "torch": torch.__version__, "python": platform.python_version()},
    )

"""Kill scenario: writing settings, label marks and fine-tuned models."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import QCoreApplication

from digitpad.core.datasets.suspect_labels import new_mark, put_marks, read_marks, remove_marks
from digitpad.core.files.paths import user_models
from digitpad.core.fine_tuning.events import FineTuned, FineTuneScores, Score
from digitpad.core.fine_tuning.fine_tuned_models import fine_tune_record, save_fine_tuned
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import list_models, load_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Appearance
from tests.stress.kills.requests import Place, check

TITLE = "kill -9 while {} are written"
VARIANTS = ("settings", "label marks", "fine-tuned models")
MAY_REPEAT_STEP = False
_STEPS = 6


def warm() -> None:
    """Import what the children need, once."""


def steps(place: Place, start: int) -> Iterator[int | None]:
    """Change something; it is acknowledged when the event loop is idle."""
    change, application = _CHANGES[place.variant], QCoreApplication([])
    settings = Settings() if VARIANTS[place.variant] == "settings" else None
    yield None
    for number in range(start, _STEPS):
        change(number, settings)
        application.processEvents()  # settings are written when the event loop is idle
        yield number + 1


def found(place: Place) -> object:
    """Return the values that the program would load."""
    match VARIANTS[place.variant]:
        case "settings":
            settings = Settings()
            check(settings.problem() is None, str(settings.problem()))
            return [
                settings.model,
                settings.threshold,
                settings.appearance.value,
                Path(settings.folder).name.replace(place.home.name, ""),
            ]
        case "label marks":
            return [[*mark.key, mark.corrected, mark.note] for mark in read_marks()]
        case _:
            files = sorted(user_models().glob("*.safetensors"))
            for path in files:
                check(fine_tune_record(load_model(path).card), f"{path.name} does not say how it came to be")
            check([entry.path for entry in list_models() if not entry.is_shipped] == files, "a model cannot be chosen")
            return [path.name for path in files]


def check_end(_: Place) -> object:
    """Check nothing more."""
    return None


def _set(number: int, settings: Settings | None) -> None:
    """Change one setting; several changes at once would be written together."""
    if settings is None:
        raise TypeError("these are the settings' own changes")
    match number % 4:
        case 0:
            settings.model = f"model-{number}"
        case 1:
            settings.threshold = number / 10
        case 2:
            settings.appearance = Appearance.DARK if number % 8 == 2 else Appearance.LIGHT
        case _:
            settings.folder = "/somewhere/" + "long/" * 300 + f"folder {number}"


def _mark(number: int, _: Settings | None) -> None:
    digits = Digits("digits", np.zeros((500, 28, 28), np.uint8), np.arange(500, dtype=np.uint8) % 10, 255)
    if number % 3 == 2:
        remove_marks([mark.key for mark in read_marks()[:20]])
        return
    places = range(50 * number, 50 * number + 50)
    put_marks(new_mark(digits, "mnist", "test", each, corrected=number, note=f"note {number}") for each in places)


def _keep(number: int, _: Settings | None) -> None:
    torch.manual_seed(number)
    share = Score(9, 10)
    figures = FineTuneScores(share, share)
    model = build(MLPSpec(hidden=(20,)))
    save_fine_tuned(
        FineTuned(model=model, before=figures, after=figures, digit_count=10, steps=3, blend=1.0, notes=()), "cnn"
    )


_CHANGES: tuple[Callable[[int, Settings | None], None], ...] = (_set, _mark, _keep)

"""Pictures of what is not one digit, and of the user's own: a letter, a number, My digits and training on them."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.figures import data_folder
from event_loop import let_live

from digitpad.core.drawing import Drawing, placed_ink
from digitpad.core.handwriting import FILES, read_digits, split
from digitpad.core.ink import digit_image
from digitpad.core.ink_files import InkSample
from digitpad.core.my_digit import new_digit
from digitpad.core.my_digits import MyDigits
from digitpad.core.recognition import predict
from digitpad.core.storage import find_model, load_model
from digitpad.gui.fine_tuner import TunerState
from digitpad.gui.theme import Appearance

if TYPE_CHECKING:
    from screenshots import Strokes, Studio

LETTER: "Strokes" = [[(70, 230), (100, 150), (136, 52), (168, 140), (204, 232)], [(92, 168), (186, 164)]]
NUMBER: "Strokes" = [
    [(40, 90), (30, 130), (22, 160), (84, 156)],
    [(70, 120), (64, 200)],
    [(140, 94), (112, 110), (104, 150), (116, 190), (146, 194), (166, 160), (166, 120), (140, 94)],
    [(194, 98), (226, 96), (258, 94), (238, 140), (222, 200)],
]
# Whose digits stand for a user's: a hand that is held out, and hard to read.
_WRITER = "val/val01"
_KEPT = 60


def pad_pictures(studio: "Studio") -> None:
    """Draw a letter, and a number."""
    studio.window.themes.choose(Appearance.LIGHT)
    studio.draw(LETTER)
    studio.shoot("not-a-digit")
    studio.session.read_numbers(wanted=True)
    studio.draw(NUMBER)
    studio.shoot("number")
    studio.session.read_numbers(wanted=False)
    studio.session.pad.clear()


def my_pictures(studio: "Studio") -> None:
    """Show a user's digits, and what training on them brought; light and dark."""
    keep_some()
    window, session = studio.window, studio.session
    window.resize(1280, 800)
    window.show_tab(3)
    panel = window.my_digits_tab.training
    studio.wait(panel.start_page.start.isEnabled)
    panel.start_page.model.setCurrentText("MLP")
    panel.start_page.start.click()
    studio.wait(lambda: session.fine_tuner.state is TunerState.DONE)
    for theme in (Appearance.LIGHT, Appearance.DARK):
        window.themes.choose(theme)
        let_live(400)
        studio.shoot(f"my-digits-{theme}")
    window.themes.choose(Appearance.LIGHT)
    session.fine_tuner.throw_away()  # closing would ask what is to become of it


def keep_some() -> None:
    """Keep digits of one writer as the user's, with what the CNN took them for."""
    cnn = load_model(find_model("cnn"))
    samples = _samples(data_folder())
    said = predict([digit_image(sample.ink) for sample in samples], cnn)
    with MyDigits.open() as mine:
        mine.add_all(
            [
                new_digit(
                    Drawing(ink=placed_ink(sample.ink)), sample.digit or 0, predicted=one.best, model=cnn.card.name
                )
                for sample, one in zip(samples, said, strict=True)
            ]
        )


def _samples(data: Path) -> list[InkSample]:
    held_out = split(read_digits(data / "strokes" / FILES[1]))[1]
    theirs = [sample for sample in held_out if sample.writer == _WRITER]
    return [theirs[at] for at in np.random.default_rng(0).permutation(len(theirs))[:_KEPT]]

#!/usr/bin/env python3
"""Make README's pictures and screenshots of every screen: the real window, with real mouse events.

    xvfb-run -a .venv/bin/python scripts/screenshots.py OUT [--readme | --guide]

With --readme, only README's pictures are made; with --guide, those of the guide, for assets/guide/pictures/en, or in
another language with DIGITPAD_LANG=ko.
The user's settings are not read or changed. MNIST is needed, in ../shared/data or in the folder that DIGITPAD_DATA
names.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from benchmarks.figures import data_folder
from event_loop import run_event_loop
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRect, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.sample_filter import Comparison, Show
from digitpad.core.ink.drawing import PAD, Drawing, centre_ink
from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import digit_image
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.models.switched_off import Unit
from digitpad.core.my_digits.record import new_digit
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.recognition.prediction import predict
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.settings import WELCOME_CLOSED, Settings
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.window.about_dialog import AboutDialog
from digitpad.gui.window.app import open_window

sys.path.append(str(Path(__file__).resolve().parent / "training"))
from writers import FILES, read_digits, split

LETTER: "Strokes" = [[(70, 230), (100, 150), (136, 52), (168, 140), (204, 232)], [(92, 168), (186, 164)]]
NUMBER: "Strokes" = [
    [(40, 90), (30, 130), (22, 160), (84, 156)],
    [(70, 120), (64, 200)],
    [(140, 94), (112, 110), (104, 150), (116, 190), (146, 194), (166, 160), (166, 120), (140, 94)],
    [(194, 98), (226, 96), (258, 94), (238, 140), (222, 200)],
]
# The writer whose digits stand for the user's: held out, and hard to read.
_WRITER = "val/val01"
_KEPT = 60


def pad_pictures(studio: "Studio") -> None:
    """Draw a letter and a number."""
    studio.window.themes.set_appearance(Appearance.LIGHT)
    studio.draw(LETTER)
    studio.shoot("not-a-digit")
    studio.session.recognition.set_reads_numbers(True)
    studio.draw(NUMBER)
    studio.shoot("number")
    studio.session.recognition.set_reads_numbers(False)
    studio.session.pad.clear()


def inside_pictures(studio: "Studio") -> None:
    """Make those of the view "Inside": each kind of model, and a unit opened, at three sizes; light and dark."""
    window, session = studio.window, studio.session
    window.actions_.inside.trigger()
    for name, unit in (("softmax", Unit(1, 7)), ("mlp", Unit(1, 5)), ("cnn", Unit(2, 7))):
        session.models.choose(next(entry for entry in session.models.entries if entry.name == name))
        for width, height in ((1280, 800), (1920, 1080), (760, 560)):
            window.resize(width, height)
            studio.draw(SEVEN)
            studio.wait(lambda: session.inside.is_settled)
            _in_both(studio, f"inside-{name}-{width}x{height}")
            session.inside.open_unit(unit)
            studio.wait(lambda: session.inside.is_settled)
            _in_both(studio, f"inside-{name}-{width}x{height}-unit")
            session.inside.open_unit(None)
    window.actions_.inside.trigger()


def break_it_pictures(studio: "Studio") -> None:
    """Make those of the view "Break it": empty, a turned digit, and a digit without normalisation, at three sizes."""
    window = studio.window
    window.show_break_it()
    view = window.draw_tab.break_it
    assert view is not None  # noqa: S101 - it was shown just now
    for width, height in ((1280, 800), (1920, 1080), (760, 560)):
        window.resize(width, height)
        _in_both(studio, f"break-it-{width}x{height}-empty")
        studio.draw(FOUR)
        for name, normalisation, amounts in (
            ("turned", "all", {"rotation": 35}),
            ("shrunk", "shrunk", {"scale": 0.6, "shift_x": 4.5}),
        ):
            view.reset()
            view.controls.normalisation.show_raw(normalisation)
            for key, amount in amounts.items():
                view.controls.amounts[key].show_value(amount)
            studio.wait(lambda: view.is_settled)
            _in_both(studio, f"break-it-{width}x{height}-{name}")
        view.reset()
        studio.session.pad.clear()
        studio.settle()
    window.actions_.break_it.trigger()


def teach_pictures(studio: "Studio") -> None:
    """Make those of the view "Teach it": at its beginning, and with some digits kept, at three sizes."""
    window, session = studio.window, studio.session
    window.actions_.teach.trigger()
    panel = window.draw_tab.teach
    assert panel is not None  # noqa: S101 - it was shown just now
    for width, height in ((1280, 800), (1920, 1080), (760, 560)):
        window.resize(width, height)
        _in_both(studio, f"teach-{width}x{height}-empty")
        for _ in range(4):
            before = sum(panel.rings.counts)
            studio.draw([NUMBER[2]])
            panel.keep_wanted()
            studio.wait(lambda before=before: sum(panel.rings.counts) > before)
        studio.draw(SEVEN)
        _in_both(studio, f"teach-{width}x{height}")
        session.pad.clear()
    window.actions_.teach.trigger()


def film_strip(studio: "Studio") -> None:
    """Make one picture of a digit being drawn: each moment's pad, and beside it the layers of the CNN."""
    window, inside = studio.window, studio.window.actions_.inside
    window.resize(1280, 800)
    inside.trigger()
    moments = []
    for strokes in ([SEVEN[0][:3]], [SEVEN[0][:5]], [SEVEN[0]], SEVEN):
        studio.draw(strokes)
        studio.wait(lambda: studio.session.inside.is_settled)
        run_event_loop(80)
        assert window.draw_tab.inside is not None  # noqa: S101 - it is shown
        pad, layers = (part.grab().toImage() for part in (window.draw_tab.canvas, window.draw_tab.inside.network))
        pad = pad.scaledToHeight(layers.height(), Qt.TransformationMode.SmoothTransformation)
        moments.append([Image.fromqimage(part).convert("RGB") for part in (pad, layers)])
    inside.trigger()
    (pad, layers), gap = (part.size for part in moments[0]), 24
    strip = Image.new("RGB", (pad[0] + layers[0] + 3 * gap, len(moments) * (pad[1] + gap) + gap), "white")
    for number, (drawn, seen) in enumerate(moments):
        strip.paste(drawn, (gap, gap + number * (pad[1] + gap)))
        strip.paste(seen, (pad[0] + 2 * gap, gap + number * (pad[1] + gap)))
    strip.quantize(96, dither=Image.Dither.NONE).save(studio.out / "inside.png", optimize=True)


def my_pictures(studio: "Studio") -> None:
    """Show a user's digits and the result of training on them, in both themes."""
    add_digits()
    window, session = studio.window, studio.session
    window.resize(1280, 800)
    window.show_tab(3)
    panel = window.my_digits_tab.fine_tuning
    studio.wait(panel.start_page.start.isEnabled)
    panel.start_page.model.setCurrentText("MLP")
    panel.start_page.start.click()
    studio.wait(lambda: session.fine_tuning.state is FineTuningState.DONE)
    for theme in (Appearance.LIGHT, Appearance.DARK):
        window.themes.set_appearance(theme)
        run_event_loop(400)
        studio.shoot(f"my-digits-{theme}")
    window.themes.set_appearance(Appearance.LIGHT)
    session.fine_tuning.discard()  # closing the window would ask whether to keep it


def add_digits() -> None:
    """Add digits of one writer to My digits, with the CNN's answers."""
    cnn = load_model(find_model("cnn"))
    samples = _samples(data_folder())
    said = predict([digit_image(sample.ink) for sample in samples], cnn)
    with MyDigits.open() as mine:
        mine.add_all(
            [
                new_digit(
                    Drawing(ink=centre_ink(sample.ink)), sample.digit or 0, predicted=one.best, model=cnn.card.name
                )
                for sample, one in zip(samples, said, strict=True)
            ]
        )


def _samples(data: Path) -> list[InkSample]:
    held_out = split(read_digits(data / "strokes" / FILES[1]))[1]
    theirs = [sample for sample in held_out if sample.writer == _WRITER]
    return [theirs[at] for at in np.random.default_rng(0).permutation(len(theirs))[:_KEPT]]


Strokes = list[list[tuple[float, float]]]
_TURN = np.linspace(0, 1, 24)


def _arc(
    centre: tuple[float, float], radii: tuple[float, float], start: float, end: float
) -> list[tuple[float, float]]:
    angle = np.radians(start + (end - start) * _TURN)
    return [(centre[0] + radii[0] * np.cos(a), centre[1] + radii[1] * np.sin(a)) for a in angle]


SEVEN: Strokes = [[(86, 66), (140, 62), (206, 60), (180, 112), (152, 168), (132, 232)], [(112, 146), (186, 140)]]
FOUR: Strokes = [[(118, 50), (102, 100), (84, 158), (140, 160), (206, 156)], [(176, 96), (170, 160), (160, 236)]]
THREE: Strokes = [[*_arc((136, 96), (52, 44), 200, 440), *_arc((136, 184), (60, 50), 280, 520)]]
SCRIBBLE: Strokes = [[(60, 60), (220, 70), (70, 120), (210, 140), (80, 190), (200, 220), (60, 230), (220, 40)]]


class Studio:
    """A window to draw on and to take screenshots of."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.window, self.session = open_window()
        self.window.show()

    def wait(self, until: Callable[[], bool]) -> None:
        """Run the event loop until a condition holds."""
        for _ in range(6000):
            if until():
                return
            run_event_loop(10)
        sys.exit("the window was not idle within a minute")

    def settle(self) -> None:
        """Wait for the newest answer."""
        self.wait(lambda: self.session.recognition.is_settled)
        run_event_loop(80)

    def draw(self, strokes: Strokes) -> None:
        """Draw on an empty pad with the mouse, and wait for the answer."""
        self.session.pad.clear()
        canvas = self.window.draw_tab.canvas
        for stroke in strokes:
            QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=_place(canvas, *stroke[0]))
            for start, end in pairwise(stroke):
                for x, y in np.linspace(start, end, 7)[1:]:
                    QTest.mouseMove(canvas, _place(canvas, x, y))
                    run_event_loop(2)
            QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=_place(canvas, *stroke[-1]))
        self.settle()

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Save a screenshot of the window or of another widget."""
        run_event_loop(80)
        (widget or self.window).grab().save(str(self.out / f"{name}.png"))


def _place(canvas: InkCanvas, x: float, y: float):  # noqa: ANN202 - QPoint
    square = canvas.pad_rect()
    return (square.topLeft() + QPointF(x, y) * (square.width() / PAD)).toPoint()


def readme_pictures(studio: Studio) -> None:
    """Make the pictures README shows: one model, and three compared."""
    studio.window.resize(1200, 780)
    studio.window.themes.set_appearance(Appearance.LIGHT)
    studio.draw(SEVEN)
    studio.shoot("draw")
    film_strip(studio)
    studio.window.resize(1200, 780)
    studio.window.themes.set_appearance(Appearance.DARK)
    studio.session.models.set_comparing(True)
    studio.draw(FOUR)
    studio.shoot("compare-dark")
    studio.session.models.set_comparing(False)
    pad_pictures(studio)


def all_pictures(studio: Studio) -> None:
    """Make every state: empty, answered, unsure, compared, a picture, an error, small, tall, tabs to come, About."""
    photo = Path(tempfile.gettempdir()) / "digitpad-photo.png"
    drawn = draw_polylines([np.array(stroke, float) for stroke in THREE], pen=20, size=PAD)
    shade = 0.75 + np.linspace(-0.15, 0.1, PAD)[None] - 0.5 * drawn
    Image.fromarray((255 * shade).astype(np.uint8)).save(photo)
    window, session = studio.window, studio.session
    for theme in (Appearance.LIGHT, Appearance.DARK):
        studio.window.themes.set_appearance(theme)
        for width, height in ((1280, 800), (760, 560), (720, 960)):
            tag = f"{theme}-{width}x{height}"
            window.resize(width, height)
            session.pad.clear()
            studio.settle()
            studio.shoot(f"{tag}-empty")
            studio.draw(SEVEN)
            studio.shoot(f"{tag}-seven")
            studio.draw(SCRIBBLE)
            studio.shoot(f"{tag}-scribble")
            session.models.set_comparing(True)
            studio.draw(FOUR)
            studio.shoot(f"{tag}-compare")
            session.models.set_comparing(False)
            window.files.open_file(photo)
            studio.wait(lambda: session.pad.drawing.picture is not None)
            studio.settle()
            studio.shoot(f"{tag}-picture")
            window.files.open_file(Path("/some/where/far/away/a-file-with-a-long-name-that-is-not-there.png"))
            studio.wait(lambda: bool(window.draw_tab.messages.text))
            studio.shoot(f"{tag}-error")
            window.draw_tab.messages.hide()
        window.resize(1280, 800)
        _help_pictures(studio, theme)
        about = AboutDialog(window)
        about.show()
        studio.shoot(f"{theme}-about", about)
        about.close()
        studio.draw(SEVEN)
        window.actions_.layers.trigger()
        studio.wait(lambda: session.layers.is_settled)
        studio.shoot(f"{theme}-layers", window.layer_window)
        window.layer_window.show_pixels()
        studio.shoot(f"{theme}-numbers", window.layer_window)
        window.layer_window.close()
    inside_pictures(studio)
    break_it_pictures(studio)
    teach_pictures(studio)
    training_pictures(studio)
    mistakes_pictures(studio, every=True)
    my_pictures(studio)


def _help_pictures(studio: Studio, theme: Appearance) -> None:
    window = studio.window
    window.actions_.welcome.trigger()
    studio.shoot(f"{theme}-welcome")
    studio.session.settings.welcome_done = WELCOME_CLOSED
    window.guide.open_place("glossary#momentum")
    studio.shoot(f"{theme}-guide", window.guide.guide)
    window.guide.guide.close()


def guide_pictures(studio: Studio) -> None:
    """Make the pictures of the guide: parts of the window, small, in both themes, with few colours."""
    window, session = studio.window, studio.session
    window.resize(1200, 800)
    studio.draw(SEVEN)
    _save_small(studio, "draw", window.draw_tab)
    window.resize(1280, 800)
    window.show_tab(1)
    tab = window.training_tab
    tab.form.set_recipe("mlp-fast")
    tab.launcher.start()
    studio.wait(lambda: not session.training.is_busy and session.runs.is_settled)
    run_event_loop(500)
    _save_small(studio, "curves", tab.curves)
    window.show_tab(2)
    window.mistakes_tab.sources.choose_model(str(find_model("softmax")))
    _gathered(studio)
    _save_small(studio, "matrix", window.mistakes_tab.overview.matrix)


def _save_small(studio: Studio, name: str, widget: QWidget) -> None:
    for theme, ending in ((Appearance.LIGHT, ""), (Appearance.DARK, "-dark")):
        studio.window.themes.set_appearance(theme)
        run_event_loop(400)
        place = QRect(widget.mapTo(studio.window, QPoint()), widget.size())  # with what is behind it
        picture = Image.fromqimage(studio.window.grab(place).toImage()).convert("RGB")
        picture.quantize(64, dither=Image.Dither.NONE).save(studio.out / f"{name}{ending}.png", optimize=True)


def training_pictures(studio: Studio) -> None:
    """Make the Train tab's: idle, training, three runs compared, the data missing and an error; light and dark."""
    window, tab, trainer = studio.window, studio.window.training_tab, studio.session.training
    window.resize(1280, 800)
    window.themes.set_appearance(Appearance.LIGHT)
    window.show_tab(1)
    _in_both(studio, "train-idle")
    for name in ("softmax-sgd-100", "relu-dropout-sgd", "mlp-fast"):
        tab.form.set_recipe(name)
        tab.launcher.start()
        if name == "mlp-fast":
            studio.wait(lambda: trainer.progress.epoch > 1)
            trainer.pause()
            _in_both(studio, "train-training")
            trainer.resume()
            tab.pictures.show_page(tab.network)
            studio.wait(lambda: tab.network.view.statistics is not None)
            _in_both(studio, "train-network")
            tab.pictures.show_page(tab.weights)
        studio.wait(lambda: not trainer.is_busy)
    model = tab.runs.model
    for row in range(3):
        model.setData(model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    _in_both(studio, "train-compare")
    tab.form.choose_dataset("fashion-mnist")
    tab.recipe_saver.save("softmax")
    _in_both(studio, "train-error")


def mistakes_pictures(studio: Studio, *, every: bool = False) -> None:
    """Make the Mistakes tab's: what the shipped softmax and CNN get wrong; with `every` all its other states too."""
    window, tab = studio.window, studio.window.mistakes_tab
    window.resize(1280, 800)
    window.themes.set_appearance(Appearance.LIGHT)
    window.show_tab(2)
    for name, cells in (("softmax", {(4, 9), (9, 4)}), ("cnn", frozenset())):
        tab.sources.choose_model(str(find_model(name)))
        _gathered(studio)
        overlay = tab.inspector.overlay
        overlay.setCurrentIndex(max(0, overlay.findData("difference" if name == "softmax" else "")))
        overlay.activated.emit(overlay.currentIndex())
        tab.browser.choose_cells(cells)
        _inspected(studio)
        _in_both(studio, f"mistakes-{name}")
    tab.browser.clear_filters()
    tab.browser.choose_random_count(25)
    _inspected(studio)
    _in_both(studio, "mistakes-random")
    tab.browser.choose_random_count(0)
    tab.browser.choose_show(Show.WRONG)
    if every:
        _other_states(studio)


def _other_states(studio: Studio) -> None:
    window, tab = studio.window, studio.window.mistakes_tab
    tab.sources.choose_second_model(str(find_model("softmax")))
    _gathered(studio)
    tab.browser.choose_comparison(Comparison.BOTH_WRONG)
    _inspected(studio)
    _in_both(studio, "mistakes-compared")
    window.resize(760, 560)
    _in_both(studio, "mistakes-small")
    tab.columns.show_right()
    _in_both(studio, "mistakes-small-sample")
    tab.columns.show_left()
    window.resize(1280, 800)
    tab.browser.search("nothing of the kind")
    _in_both(studio, "mistakes-nothing-found")
    tab.browser.clear_filters()
    tab.sources.choose_model("")
    tab.sources.choose_part("train")
    _gathered(studio)
    tab.browser.choose_random_count(16)
    _inspected(studio)
    _in_both(studio, "mistakes-first-look")
    tab.browser.choose_random_count(0)
    tab.sources.choose_dataset("fashion-mnist")
    _in_both(studio, "mistakes-missing")
    tab.sources.choose_dataset("mnist")
    tab.sources.choose_model(str(find_model("cnn")))
    studio.shoot("mistakes-busy-light")
    studio.session.evaluation.cancel()
    studio.wait(lambda: studio.session.evaluation.worker is None)
    _in_both(studio, "mistakes-stopped")


def _gathered(studio: Studio) -> None:
    studio.wait(lambda: not studio.session.evaluation.is_busy)
    _inspected(studio)


def _inspected(studio: Studio) -> None:
    studio.wait(lambda: studio.window.mistakes_tab.inspection.is_settled)


def _in_both(studio: Studio, name: str) -> None:
    for theme in (Appearance.LIGHT, Appearance.DARK):
        studio.window.themes.set_appearance(theme)
        run_event_loop(400)  # the curves are drawn a few times a second
        studio.shoot(f"{name}-{theme}")
    studio.window.themes.set_appearance(Appearance.LIGHT)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--readme", action="store_true", help="only README's pictures")
    parser.add_argument("--guide", action="store_true", help="only the guide's pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        os.environ["DIGITPAD_DATA"] = str(data_folder())
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
        Settings().welcome_done = WELCOME_CLOSED
        studio = Studio(arguments.out)
        if not (arguments.readme or arguments.guide):
            studio.shoot("loading")
        studio.session.start()
        studio.settle()
        if arguments.guide:
            guide_pictures(studio)
        elif arguments.readme:
            readme_pictures(studio)
            training_pictures(studio)
            mistakes_pictures(studio)
            my_pictures(studio)
        else:
            all_pictures(studio)
        studio.window.close()


if __name__ == "__main__":
    main()

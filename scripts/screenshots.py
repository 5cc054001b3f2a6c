#!/usr/bin/env python3
"""Make the pictures that README shows, and more to look at: the real window, drawn on with real mouse events.

    xvfb-run -a .venv/bin/python scripts/screenshots.py OUT [--readme]

With --readme only README's pictures are made. Nothing of the user's own settings is read or changed. MNIST is needed:
in ../shared/data, or in the folder that DIGITPAD_DATA names.
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
from event_loop import let_live
from own_pictures import my_pictures, pad_pictures
from PIL import Image
from PySide6.QtCore import QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from digitpad.core.browsing import Show, Where
from digitpad.core.drawing import PAD
from digitpad.core.raster import draw_polylines
from digitpad.core.storage import find_model
from digitpad.gui.about import AboutDialog
from digitpad.gui.app import open_window
from digitpad.gui.canvas import InkCanvas
from digitpad.gui.theme import Appearance

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
    """A window to draw on and photograph."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.window, self.session = open_window()
        self.window.show()

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the window live until something is so."""
        for _ in range(6000):
            if until():
                return
            let_live(10)
        sys.exit("the window did not come to rest within a minute")

    def settle(self) -> None:
        """Wait for the newest answer."""
        self.wait(lambda: self.session.is_settled)
        let_live(80)

    def draw(self, strokes: Strokes) -> None:
        """Draw on an empty pad with the mouse, and wait for the answer."""
        self.session.pad.clear()
        canvas = self.window.draw_tab.canvas
        for stroke in strokes:
            QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=_place(canvas, *stroke[0]))
            for start, end in pairwise(stroke):
                for x, y in np.linspace(start, end, 7)[1:]:
                    QTest.mouseMove(canvas, _place(canvas, x, y))
                    let_live(2)
            QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=_place(canvas, *stroke[-1]))
        self.settle()

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Photograph the window, or another widget."""
        let_live(80)
        (widget or self.window).grab().save(str(self._out / f"{name}.png"))


def _place(canvas: InkCanvas, x: float, y: float):  # noqa: ANN202 - QPoint
    square = canvas.square()
    return (square.topLeft() + QPointF(x, y) * (square.width() / PAD)).toPoint()


def readme_pictures(studio: Studio) -> None:
    """Make the pictures README shows: one model, and three compared."""
    studio.window.resize(1200, 780)
    studio.window.themes.choose(Appearance.LIGHT)
    studio.draw(SEVEN)
    studio.shoot("draw")
    studio.window.themes.choose(Appearance.DARK)
    studio.session.compare(wanted=True)
    studio.draw(FOUR)
    studio.shoot("compare-dark")
    studio.session.compare(wanted=False)
    pad_pictures(studio)


def all_pictures(studio: Studio) -> None:
    """Make every state: empty, answered, unsure, compared, a picture, an error, small, tall, tabs to come, About."""
    photo = Path(tempfile.gettempdir()) / "digitpad-photo.png"
    drawn = draw_polylines([np.array(stroke, float) for stroke in THREE], pen=20, size=PAD)
    shade = 0.75 + np.linspace(-0.15, 0.1, PAD)[None] - 0.5 * drawn
    Image.fromarray((255 * shade).astype(np.uint8)).save(photo)
    window, session = studio.window, studio.session
    for theme in (Appearance.LIGHT, Appearance.DARK):
        studio.window.themes.choose(theme)
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
            session.compare(wanted=True)
            studio.draw(FOUR)
            studio.shoot(f"{tag}-compare")
            session.compare(wanted=False)
            window.open_file(photo)
            studio.wait(lambda: session.pad.drawing.picture is not None)
            studio.settle()
            studio.shoot(f"{tag}-picture")
            window.open_file(Path("/some/where/far/away/a-file-with-a-long-name-that-is-not-there.png"))
            studio.wait(lambda: bool(window.draw_tab.messages.text))
            studio.shoot(f"{tag}-error")
            window.draw_tab.messages.hide()
        window.resize(1280, 800)
        about = AboutDialog(window)
        about.show()
        studio.shoot(f"{theme}-about", about)
        about.close()
    training_pictures(studio)
    mistakes_pictures(studio, every=True)
    my_pictures(studio)


def training_pictures(studio: Studio) -> None:
    """Make the Train tab's: idle, training, three runs compared, the data missing and an error; light and dark."""
    window, tab, trainer = studio.window, studio.window.training_tab, studio.session.trainer
    window.resize(1280, 800)
    window.themes.choose(Appearance.LIGHT)
    window.show_tab(1)
    _in_both(studio, "train-idle")
    for name in ("softmax-sgd-100", "relu-dropout-sgd", "mlp-fast"):
        tab.form.set_recipe(name)
        tab.start()
        if name == "mlp-fast":
            studio.wait(lambda: trainer.progress.epoch > 1)
            trainer.pause()
            _in_both(studio, "train-training")
            trainer.resume()
        studio.wait(lambda: not trainer.is_busy)
    model = tab.runs.model
    for row in range(3):
        model.setData(model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    _in_both(studio, "train-compare")
    tab.form.choose_dataset("fashion-mnist")
    tab.save_as_recipe("softmax")
    _in_both(studio, "train-error")


def mistakes_pictures(studio: Studio, *, every: bool = False) -> None:
    """Make the Mistakes tab's: what the shipped softmax and CNN get wrong; with `every` all its other states too."""
    window, tab = studio.window, studio.window.mistakes_tab
    window.resize(1280, 800)
    window.themes.choose(Appearance.LIGHT)
    window.show_tab(2)
    for name, cells in (("softmax", {(4, 9), (9, 4)}), ("cnn", frozenset())):
        tab.sources.choose_model(str(find_model(name)))
        _gathered(studio)
        tab.sample.overlay.wish("difference" if name == "softmax" else "")
        tab.browser.choose_cells(cells)
        _inspected(studio)
        _in_both(studio, f"mistakes-{name}")
    if every:
        _other_states(studio)


def _other_states(studio: Studio) -> None:
    window, tab = studio.window, studio.window.mistakes_tab
    tab.sources.choose_rival(str(find_model("softmax")))
    _gathered(studio)
    tab.browser.choose_where(Where.BOTH_WRONG)
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
    tab.browser.choose_show(Show.FIRST_LOOK)
    _inspected(studio)
    _in_both(studio, "mistakes-first-look")
    tab.sources.choose_dataset("fashion-mnist")
    _in_both(studio, "mistakes-missing")
    tab.sources.choose_dataset("mnist")
    tab.sources.choose_model(str(find_model("cnn")))
    studio.shoot("mistakes-busy-light")
    studio.session.gatherer.cancel()
    studio.wait(lambda: studio.session.gatherer.thread_ is None)
    _in_both(studio, "mistakes-stopped")


def _gathered(studio: Studio) -> None:
    studio.wait(lambda: not studio.session.gatherer.is_busy)
    _inspected(studio)


def _inspected(studio: Studio) -> None:
    studio.wait(lambda: studio.window.mistakes_tab.inspecting.is_settled)


def _in_both(studio: Studio, name: str) -> None:
    for theme in (Appearance.LIGHT, Appearance.DARK):
        studio.window.themes.choose(theme)
        let_live(400)  # the curves are drawn a few times a second
        studio.shoot(f"{name}-{theme}")
    studio.window.themes.choose(Appearance.LIGHT)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--readme", action="store_true", help="only README's pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        os.environ["DIGITPAD_DATA"] = str(data_folder())
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
        studio = Studio(arguments.out)
        if not arguments.readme:
            studio.shoot("loading")
        studio.session.start()
        studio.settle()
        if arguments.readme:
            readme_pictures(studio)
            training_pictures(studio)
            mistakes_pictures(studio)
            my_pictures(studio)
        else:
            all_pictures(studio)
        studio.window.close()


if __name__ == "__main__":
    main()

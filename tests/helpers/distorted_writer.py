"""An unusual writer: the distorted drawings of a held-out writer, on which no model was trained."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from writers import FILES, as_drawn

from digitpad.core.fine_tuning.events import FineTuneDigits
from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import Ink
from tests.helpers.drawings_by_writer import drawings_by_writer

WRITER = "train-15"
_TURN = np.deg2rad(25)
_HABIT = np.array([[np.cos(_TURN), np.sin(_TURN)], [-np.sin(_TURN), np.cos(_TURN)]]) @ np.array([[1, 0], [0.9, 1]])
_HOOK = np.array([[-0.12, 0.05], [-0.22, -0.05], [-0.25, -0.2]])


@cache
def distorted_writer(data: Path) -> tuple[InkSample, ...]:
    """Return the drawings of a held-out writer, rotated, slanted, and each with a hook at its end."""
    _, held_out = drawings_by_writer(data / "strokes" / FILES[0])
    return tuple(replace(sample, ink=_distorted(sample.ink)) for sample in held_out if sample.writer == WRITER)


def distorted_digits(data: Path, count: int, *, tested: int | None = None) -> FineTuneDigits:
    """Return `count` drawings to train on, and `tested` others (all others if None) held out."""
    samples = distorted_writer(data)
    order = np.random.default_rng(0).permutation(len(samples))
    learned = [samples[at] for at in order[:count]]
    others = [samples[at] for at in order[count:][:tested]]
    test = as_drawn("mine test", others) if others else None
    return FineTuneDigits(as_drawn("mine", learned), tuple(sample.ink for sample in learned), test)


def _distorted(ink: Ink) -> Ink:
    strokes = list(ink.strokes)
    strokes[-1] = np.concatenate([strokes[-1], strokes[-1][-1] + _HOOK * np.ptp(np.concatenate(strokes), axis=0).max()])
    return Ink.of([stroke @ _HABIT for stroke in strokes], ink.pen_width)

"""Strokes by many writers: the held-out writers, and how drawings are distorted."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from writers import as_drawn, distorted_digits, is_held_out, joined, read_digits, split

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.ink_files import InkSample, format_line, parse_line
from digitpad.core.ink.strokes import PEN, Ink, digit_image
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

STRAIGHT = StrokeAugmentation(
    slant=0,
    rotation=0,
    aspect=0,
    bend=0,
    tremor=0,
    jitter=0,
    dropped_points=0,
    trimmed_ends=0,
    stroke_offset=0,
    joined_strokes=0,
    pen=(PEN, PEN),
)


def seven_by(writer: str, label: int | str = 7) -> InkSample:
    points = np.array([[0, 0], [50, 2], [100, 0], [90, 30], [75, 70], [55, 110], [45, 140], [40, 160]], float)
    return InkSample(id=writer, ink=Ink.of([points]), label=label, writer=writer)


def test_a_writer_is_on_one_side_and_about_a_fifth_are_held_out() -> None:
    samples = [seven_by(f"writer {number % 300}") for number in range(900)]
    training, held_out = split(samples)
    assert len(training) + len(held_out) == 900
    assert not {s.writer for s in training} & {s.writer for s in held_out}
    assert 0.12 < len({s.writer for s in held_out}) / 300 < 0.28
    assert is_held_out("writer 1") == is_held_out("writer 1")


def test_writers_are_read_and_written() -> None:
    sample = seven_by("Ada")
    line = format_line(sample)
    assert json.loads(line)["writer"] == "Ada"
    assert parse_line(line, 1, "here").writer == "Ada"
    assert "writer" not in json.loads(format_line(InkSample("x", sample.ink)))


def test_a_file_without_writers_or_digits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "a", "label": 7, "strokes": [[[0, 0], [1, 1]]]}\n', encoding="utf-8")
    with pytest.raises(DigitpadError, match="no digits with a writer"):
        read_digits(path)


def test_without_distortion_the_image_is_that_of_the_pad() -> None:
    sample = seven_by("Ada")
    same = distorted_digits("x", [sample], STRAIGHT, seed=1)
    np.testing.assert_array_equal(same.images, as_drawn("x", [sample]).images)
    assert same.labels.tolist() == [7]


@given(st.integers(0, 2**32 - 1))
def test_a_distorted_drawing_is_valid_and_depends_on_the_seed_alone(seed: int) -> None:
    settings = StrokeAugmentation()
    first, second = (augment_strokes(seven_by("Ada").ink, settings, np.random.default_rng(seed)) for _ in range(2))
    assert settings.pen[0] <= first[1] <= settings.pen[1]
    np.testing.assert_array_equal(first[0].strokes[0], second[0].strokes[0])
    pixels = digit_image(*first).pixels
    assert np.isfinite(pixels).all()
    assert pixels.max() == 1.0
    moved = first[0].strokes[0][[0, -1]]
    assert np.abs(moved).max() < 1.5  # in units of its own size


def test_other_random_numbers_give_other_drawings() -> None:
    images = distorted_digits("x", [seven_by("Ada")] * 20, StrokeAugmentation(), seed=3).images
    assert len({image.tobytes() for image in images}) == 20


@pytest.mark.parametrize("points", [[[5, 5]], [[0, 0], [10, 0]], [[3, 3]] * 12])
def test_a_dot_and_a_line_can_be_distorted(points: list[list[float]]) -> None:
    ink, pen = augment_strokes(Ink.of([points]), StrokeAugmentation(), np.random.default_rng(0))
    assert np.isfinite(digit_image(ink, pen).pixels).all()


def length_of(points: np.ndarray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def test_ends_are_trimmed_by_at_most_the_setting() -> None:
    line, settings = (
        Ink.of([np.stack([np.linspace(0, 100, 50), np.zeros(50)], axis=1)]),
        replace(STRAIGHT, trimmed_ends=0.2),
    )
    rng = np.random.default_rng(0)
    lengths = [length_of(augment_strokes(line, settings, rng)[0].strokes[0]) for _ in range(50)]
    assert 0.6 <= min(lengths) < 0.9 <= max(lengths) <= 1.0


def test_strokes_are_offset_from_each_other_but_a_single_one_stays() -> None:
    bars = [np.array([[x, 0.0], [x, 100.0]]) for x in (0.0, 50.0)]
    settings, rng = replace(STRAIGHT, stroke_offset=0.1), np.random.default_rng(0)
    gaps = []
    for _ in range(9):
        left, right = augment_strokes(Ink.of(bars), settings, rng)[0].strokes
        gaps.append(right[0, 0] - left[0, 0])
    assert np.ptp(gaps) > 0.01
    assert 0.3 <= min(gaps) <= max(gaps) <= 0.7
    (single,) = augment_strokes(Ink.of(bars[:1]), settings, rng)[0].strokes
    np.testing.assert_allclose(single[:, 0], 0)


def test_strokes_are_joined_only_across_short_gaps() -> None:
    near, far = np.array([[0.0, 20.0], [60.0, 20.0]]), np.array([[0.0, 100.0], [60.0, 100.0]])
    first = np.array([[0.0, 0.0], [10.0, 10.0]])
    settings, rng = replace(STRAIGHT, joined_strokes=1.0), np.random.default_rng(0)
    assert len(augment_strokes(Ink.of([first, near]), settings, rng)[0].strokes) == 1
    assert len(augment_strokes(Ink.of([first, far]), settings, rng)[0].strokes) == 2


def test_a_wider_pen_leaves_more_ink_in_the_same_box() -> None:
    ink = seven_by("Ada").ink
    thin, thick = (digit_image(ink, pen).pixels for pen in (2.0, 4.0))
    assert thick.sum() > 1.5 * thin.sum()
    for pixels in (thin, thick):
        rows = np.flatnonzero(pixels.any(axis=1))
        assert 19 <= rows[-1] - rows[0] + 1 <= 21


def test_sets_are_joined_in_order() -> None:
    first, second = as_drawn("a", [seven_by("A", 1)]), as_drawn("b", [seven_by("B", 2)])
    both = joined("both", [first, second])
    assert (both.name, both.labels.tolist(), len(both.images)) == ("both", [1, 2], 2)

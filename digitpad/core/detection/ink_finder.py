"""Find the ink in a picture: of the candidates, the one that looks most like digits to the digit detector."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from digitpad.core.detection.digit_detector import THRESHOLD, scores_by_digit
from digitpad.core.ink import ink_mask
from digitpad.core.ink.ink_candidates import InkCandidate, lights

# Two assumptions about the light that agree on a digit this surely are enough.
_AGREEMENT = 1.6
# With such a score for all parts, no part is left out.
_SURE = 0.9
# A row has at most so many parts; more are noise.
_MAX_PARTS = 60
# When so many parts of candidates were scored, the best row so far is taken.
_MAX_SCORED = 160
# Parts smaller than this fraction of the row's height are not digits.
_MIN_HEIGHT = 0.4
# A part of a row with a lower score counts against it: noise often looks like a 1.
_LIKELY = 0.7
_WORST = -0.35  # so that one scribble does not outweigh the digits beside it
# A later candidate of a row must be better by this; by more, three digits, if all of the row is sure.
_MARGIN, _CLEAN_MARGIN = 0.15, 0.9
# The value of two digits.
_TWO_DIGITS = 0.5
# What a part that touches the border counts less, and what a smaller part counts against the row.
_CUT, _SMALL = 0.2, 0.03


def find_ink(picture: np.ndarray, *, as_number: bool = False) -> np.ndarray:
    """Separate ink from paper.

    Parameters
    ----------
    picture
        float32 in [0, 1], (height, width) grey or (height, width, 3) sRGB.
    as_number
        Look for rows of digits first; by default for one digit first.

    Returns
    -------
    np.ndarray
        (height, width) float32 in [0, 1]: 0 paper, 1 full ink. All zeros if there is no ink.

    """
    seen: list[InkCandidate] = []
    digit, votes = (None, 0.0) if as_number else _agreed_digit(picture, seen)
    if digit is not None and votes >= _AGREEMENT:
        return digit
    row = _best_row(seen or (candidate for light in lights(picture) for candidate in light.candidates()))
    if digit is not None:
        # Two digits beside each other are no digit together, but a gap between them may look like one.
        are_two = row is not None and row.is_clean and row.value > _TWO_DIGITS and row.light == seen[0].light
        return row.ink if row is not None and are_two else digit
    if row is not None:
        return row.ink
    return seen[0].ink if seen else np.zeros(picture.shape[:2], np.float32)


def _agreed_digit(picture: np.ndarray, seen: list[InkCandidate]) -> tuple[np.ndarray | None, float]:
    """Return the ink of the digit that most assumptions about the light agree on, and its votes.

    All candidates that were looked at are added to `seen`.
    """
    votes = np.zeros(10)
    best: dict[int, tuple[float, np.ndarray]] = {}
    for light in lights(picture):
        values = np.zeros(10)
        for candidate in light.candidates():
            seen.append(candidate)
            image = ink_mask.digit_image(candidate.ink)
            scores = np.zeros(10) if image.is_blank else scores_by_digit(image.pixels[None])[0]
            if scores.max() < THRESHOLD:
                continue
            # A doubtful score says little.
            digit, value = int(scores.argmax()), candidate.weight * float(scores.max()) ** 3
            values[digit] = max(values[digit], value)
            if digit not in best or value > best[digit][0]:
                best[digit] = value, candidate.ink
            if value >= _SURE * light.weight:
                break
        votes += values
        if votes.max() >= _AGREEMENT and np.sort(votes)[-2] == 0:
            break
    return (best[int(votes.argmax())][1] if best else None), float(votes.max())


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """An ink map as a row, or rows, of digits.

    Attributes
    ----------
    ink
        (height, width) float32 in [0, 1].
    value
        How much its parts look like digits: each counts by how much its score is above `_LIKELY`. At the border it
        counts less; it is often no digit.
    is_clean
        Whether all parts surely look like digits.
    count
        The number of parts that were scored.
    light
        The name of the assumption about the light.

    """

    ink: np.ndarray
    light: str
    value: float
    is_clean: bool
    count: int


def _best_row(candidates: Iterable[InkCandidate]) -> _Row | None:
    """Return the best row; the search ends when two assumptions agree on a clean one, or takes too long."""
    best, scored = None, 0
    for candidate in candidates:
        if not candidate.is_for_rows:
            continue
        row = _row_of(candidate)
        if best is not None and _agree(best, row):
            break
        margin = 0.0 if best is None else _CLEAN_MARGIN if best.is_clean else _MARGIN
        if row.value > (0.0 if best is None else best.value) + margin:
            best = row
        scored += row.count
        if scored > _MAX_SCORED:
            break
    return best


def _agree(one: _Row, other: _Row) -> bool:
    """Return whether two assumptions about the light lead to the same clean row."""
    is_same = abs(one.value - other.value) < _MARGIN
    return is_same and one.is_clean and other.is_clean and one.light != other.light


def _row_of(candidate: InkCandidate) -> _Row:
    ink = candidate.ink
    labels, boxes = ink_mask.connected_parts(ink)
    heights = {number: box[3] - box[1] for number, box in boxes.items()}
    least = _MIN_HEIGHT * max(heights.values(), default=0.0)
    large = [number for number, height in heights.items() if height >= least]
    if not 0 < len(large) <= _MAX_PARTS:
        return _Row(ink, candidate.light, 0.0, is_clean=False, count=0)
    images = []
    for number in large:
        left, top, right, bottom = (int(edge) for edge in boxes[number])
        window = np.s_[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2]
        images.append(ink_mask.digit_image(np.where(labels[window] == number, ink[window], 0)).pixels)
    scores = scores_by_digit(np.stack(images)).max(axis=1)
    scores[_are_frames(np.array([boxes[number] for number in large]))] = 0
    height, width = ink.shape
    cut = sum(
        (min(left, top) <= 0 or right >= width or bottom >= height) and max(right - left, bottom - top) >= least
        for left, top, right, bottom in boxes.values()
    )
    small = min(len(boxes) - len(large), _MAX_PARTS)
    value = float(np.maximum(scores - _LIKELY, _WORST).sum()) - _CUT * cut - _SMALL * small
    is_clean = bool(scores.min() >= _SURE) and not cut and not small
    return _Row(ink, candidate.light, value, is_clean, len(large))


def _are_frames(boxes: np.ndarray) -> np.ndarray:
    """Return which boxes, (n, 4) left, top, right, bottom, have another inside, (n,) bool."""
    starts, ends = boxes[:, :2], boxes[:, 2:]
    is_inside = (starts[:, None] < starts).all(axis=2) & (ends[:, None] > ends).all(axis=2)
    return is_inside.sum(axis=1) > 0

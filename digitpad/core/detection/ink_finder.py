"""Find the ink in a picture: of the candidates, the one that looks most like digits to the digit detector."""

from collections.abc import Iterable, Iterator

import numpy as np

from digitpad.core.detection.digit_detector import THRESHOLD, scores_by_digit
from digitpad.core.ink import ink_mask
from digitpad.core.ink.ink_candidates import NEIGHBOURS_LEFT_OUT, lights

Box = tuple[float, float, float, float]  # left, top, right, bottom, px

# Two assumptions about the light that agree on a digit this surely are enough.
_AGREEMENT = 1.6
# With such a score for all parts, no part is left out.
_SURE = 0.9
# A row has at most so many parts; more are noise.
_MAX_PARTS = 60
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
    seen: list[np.ndarray] = []
    digit, votes = (None, 0.0) if as_number else _agreed_digit(picture, seen)
    if digit is not None and votes >= _AGREEMENT:
        return digit
    row, value = _best_row(seen or _row_candidates(picture))
    # Two digits beside each other are no digit together, but a gap between them may look like one.
    if row is not None and (digit is None or value > _TWO_DIGITS):
        return row
    if digit is not None:
        return digit
    return seen[0] if seen else np.zeros(picture.shape[:2], np.float32)


def _agreed_digit(picture: np.ndarray, seen: list[np.ndarray]) -> tuple[np.ndarray | None, float]:
    """Return the ink of the digit that most assumptions about the light agree on, and its votes.

    All ink maps that were looked at are added to `seen`.
    """
    votes = np.zeros(10)
    best: dict[int, tuple[float, np.ndarray]] = {}
    for light in lights(picture):
        values = np.zeros(10)
        for weight, ink in light.candidates():
            seen.append(ink)
            image = ink_mask.digit_image(ink)
            scores = np.zeros(10) if image.is_blank else scores_by_digit(image.pixels[None])[0]
            digit, value = int(scores.argmax()), weight * float(scores.max()) ** 3  # a doubtful score says little
            if scores.max() < THRESHOLD:
                continue
            values[digit] = max(values[digit], value)
            if digit not in best or value > best[digit][0]:
                best[digit] = value, ink
            if value >= _SURE * light.weight:
                break
        votes += values
        if votes.max() >= _AGREEMENT and np.sort(votes)[-2] == 0:
            break
    return (best[int(votes.argmax())][1] if best else None), float(votes.max())


def _row_candidates(picture: np.ndarray) -> Iterator[np.ndarray]:
    for light in lights(picture):
        for weight, ink in light.candidates():
            if weight > NEIGHBOURS_LEFT_OUT * light.weight:
                yield ink


def _best_row(inks: Iterable[np.ndarray]) -> tuple[np.ndarray | None, float]:
    best, highest, margin = None, 0.0, 0.0
    for ink in inks:
        value, is_clean = _row_value(ink)
        if value > highest + margin:
            best, highest, margin = ink, value, _CLEAN_MARGIN if is_clean else _MARGIN
    return best, highest


def _row_value(ink: np.ndarray) -> tuple[float, bool]:
    """Return how much the parts of an ink map look like digits, and whether all of them do.

    Each part counts by how much its score is above `_LIKELY`. At the border it counts less: it is often no digit.
    """
    labels, boxes = ink_mask.connected_parts(ink)
    heights = {number: box[3] - box[1] for number, box in boxes.items()}
    least = _MIN_HEIGHT * max(heights.values(), default=0.0)
    large = [number for number, height in heights.items() if height >= least]
    if not 0 < len(large) <= _MAX_PARTS:
        return 0.0, False
    images = []
    for number in large:
        left, top, right, bottom = (int(edge) for edge in boxes[number])
        window = np.s_[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2]
        images.append(ink_mask.digit_image(np.where(labels[window] == number, ink[window], 0)).pixels)
    scores = scores_by_digit(np.stack(images)).max(axis=1)
    scores[[_has_others_inside(boxes[number], [boxes[other] for other in large]) for number in large]] = 0
    height, width = ink.shape
    cut = [
        (left, top, right, bottom)
        for left, top, right, bottom in boxes.values()
        if (min(left, top) <= 0 or right >= width or bottom >= height) and max(right - left, bottom - top) >= least
    ]
    small = min(len(boxes) - len(large), _MAX_PARTS)
    value = float(np.maximum(scores - _LIKELY, _WORST).sum()) - _CUT * len(cut) - _SMALL * small
    return value, bool(scores.min() >= _SURE) and not cut and not small


def _has_others_inside(box: Box, others: Iterable[Box]) -> bool:
    """Return whether other boxes are inside this one: it is a frame around them."""
    left, top, right, bottom = box
    return any(left < o[0] and top < o[1] and right > o[2] and bottom > o[3] for o in others)

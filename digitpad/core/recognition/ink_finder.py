"""Find the ink in a picture: of the candidates, the one that looks most like digits to the digit detector."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from digitpad.core.ink import ink_mask
from digitpad.core.ink.ink_candidates import InkCandidate, ink_candidates
from digitpad.core.recognition.digit_detector import THRESHOLD, scores_by_digit

# Two assumptions about the light that agree on a digit this surely are enough.
_AGREEMENT = 1.7
# A row has at most so many parts; more are noise.
_MAX_PARTS = 60
# Parts smaller than this fraction of the row's height are not digits.
_MIN_HEIGHT = 0.4
# A later candidate of a row must be better by this, where each digit counts one half.
_MARGIN = 0.4


def find_ink(picture: np.ndarray, *, as_number: bool = False) -> np.ndarray:
    """Separate ink from paper.

    Parameters
    ----------
    picture
        (height, width) float32 in [0, 1].
    as_number
        Look for rows of digits first; by default for one digit first.

    Returns
    -------
    np.ndarray
        (height, width) float32 in [0, 1]: 0 paper, 1 full ink. All zeros if there is no ink.

    """
    candidates: list[InkCandidate] = []
    ink = None if as_number else _agreed_digit(picture, candidates)
    if ink is None:
        ink = _best_row(candidates or list(ink_candidates(picture)))
    if ink is None:
        return candidates[0].ink if candidates else np.zeros(picture.shape[:2], np.float32)
    return ink


def _agreed_digit(picture: np.ndarray, candidates: list[InkCandidate]) -> np.ndarray | None:
    """Return the ink of one digit, if there is one; add the candidates that were looked at."""
    votes = np.zeros(10)
    by_light: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(10))
    best: dict[int, tuple[float, np.ndarray]] = {}
    for candidate in ink_candidates(picture):
        candidates.append(candidate)
        image = ink_mask.digit_image(candidate.ink)
        if image.is_blank:
            continue
        scores = scores_by_digit(image.pixels[None])[0]
        digit = int(scores.argmax())
        if scores[digit] < THRESHOLD:
            continue
        value = float(scores[digit]) * candidate.weight
        light = by_light[candidate.light]
        light[digit] = max(light[digit], value)
        if digit not in best or value > best[digit][0]:
            best[digit] = value, candidate.ink
        votes = np.sum(list(by_light.values()), axis=0)
        if votes.max() >= _AGREEMENT and np.sort(votes)[-2] == 0:
            break
    return best[int(votes.argmax())][1] if best else None


def _best_row(candidates: Sequence[InkCandidate]) -> np.ndarray | None:
    best, highest = None, 0.0
    for candidate in candidates:
        value = _row_value(candidate.ink)
        if value > highest + (_MARGIN if best is not None else 0.0):
            best, highest = candidate.ink, value
    return best


def _row_value(ink: np.ndarray) -> float:
    """Return how much the parts of an ink map look like digits: one half for each digit, minus one half for others."""
    labels, boxes = ink_mask.connected_parts(ink)
    heights = {number: box[3] - box[1] for number, box in boxes.items()}
    if not heights:
        return 0.0
    largest = max(heights.values())
    large = [number for number, height in heights.items() if height >= _MIN_HEIGHT * largest]
    if len(large) > _MAX_PARTS:
        return 0.0
    images = []
    for number in large:
        left, top, right, bottom = (int(edge) for edge in boxes[number])
        window = np.s_[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2]
        images.append(ink_mask.digit_image(np.where(labels[window] == number, ink[window], 0)).pixels)
    scores = scores_by_digit(np.stack(images)).max(axis=1)
    return float((scores - 0.5).sum())

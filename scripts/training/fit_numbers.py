#!/usr/bin/env python3
"""Find the weights by which rows of pieces are parted into digits, from rows of the learning writers' digits.

    .venv/bin/python scripts/training/fit_numbers.py --data ../shared/data [--rows N] [--pictures]

Prints a dictionary to paste into digitpad/core/segmentation/weights.py: for strokes, or with --pictures for pictures.
The weights maximise the likelihood of the right segmentation in a semi-Markov conditional random field (Sarawagi and
Cohen 2004), summed over all segmentations into candidates.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from composed_rows import CONDITIONS, HEIGHT, Row, compose
from scipy.optimize import minimize
from writers import FILES, read_digits, split

from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.models.model_files import LoadedModel, find_model, load_model
from digitpad.core.recognition.number_lattice import Lattice, candidates_of_ink, candidates_of_picture
from digitpad.core.segmentation.features import FEATURES

_SHARES = (0.4, 0.2, 0.15, 0.15, 0.1)  # of the conditions
_FEWEST = 20
_RIDGE = 0.0002
_PICTURE = 500
_PAPER = -2


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """All covers of a row as ways between states: from, to, and the group, ordered; and which groups are right."""

    features: np.ndarray
    ways: list[tuple[int, int, int]]
    states: int
    right: np.ndarray


def hands_of(samples: list[InkSample]) -> list[list[InkSample]]:
    """Return the drawings writer by writer, of those who drew enough."""
    hands: dict[str, list[InkSample]] = {}
    for sample in samples:
        hands.setdefault(sample.writer, []).append(sample)
    return [hand for hand in hands.values() if len(hand) >= _FEWEST]


def owners_in_picture(row: Row, found_in: np.ndarray, scale: float, pen: float) -> np.ndarray:
    """Draw each digit alone, and return whose each pixel is: from 0, -1 for noise, `_PAPER`."""
    left, top = row.ink.bounds[0] - HEIGHT / 3, row.ink.bounds[1] - HEIGHT / 3
    names = sorted(set(row.owners))
    layers = [
        draw_polylines([(stroke - (left, top)) * scale for stroke in row.digit(name).strokes], pen, _PICTURE)
        for name in names
    ]
    found_in[:] = np.max(layers, axis=0)
    return np.where(found_in > 0, np.array(names)[np.argmax(layers, axis=0)], _PAPER)


def right_sets(row: Row, found: Lattice, owner_of: dict[int, int]) -> dict[frozenset[int], bool]:
    """Return the sets of pieces that are a digit each, and those that are noise (True)."""
    sets: dict[int, list[int]] = {}
    noise = []
    for place, piece in enumerate(found.pieces):
        owner = owner_of[piece.number]
        if owner < 0:
            noise.append(place)
        else:
            sets.setdefault(owner, []).append(place)
    return {frozenset(places): False for places in sets.values()} | {frozenset((place,)): True for place in noise}


def example(row: Row, model: LoadedModel, draw: np.random.Generator, *, as_picture: bool) -> Example | None:
    """Work a row out; None where the right way to part it is not among those looked at."""
    if as_picture:
        left, top, right, bottom = row.ink.bounds
        scale = _PICTURE / (max(right - left, bottom - top) + 2 * HEIGHT / 3)
        ink_map = np.zeros((_PICTURE, _PICTURE), np.float32)
        owners = owners_in_picture(row, ink_map, scale, max(1.0, draw.uniform(0.05, 0.1) * HEIGHT * scale))
        found = candidates_of_picture(ink_map, model)
        if found is None:
            return None
        owner_of = {piece.number: _owner(piece.points, owners) for piece in found.pieces}
    else:
        found = candidates_of_ink(row.ink, model)
        owner_of = dict(enumerate(row.owners))
    if found is None:
        return None
    wanted = right_sets(row, found, owner_of)
    right = np.array([wanted.get(frozenset(group.members)) is group.is_noise for group in found.groups])
    if right.sum() != len(wanted):
        return None
    ways, states = ways_of(found)
    return Example(found.features, ways, states, right.astype(float))


def _owner(points: np.ndarray, owners: np.ndarray) -> int:
    at = owners[points[:, 1].astype(int), points[:, 0].astype(int)]
    names, counts = np.unique(at[at != _PAPER], return_counts=True)
    return int(names[counts.argmax()]) if len(names) else -1


def ways_of(found: Lattice) -> tuple[list[tuple[int, int, int]], int]:
    """Lay out all covers of the pieces by groups."""
    starting: dict[int, list[tuple[int, int]]] = {}
    for index, group in enumerate(found.groups):
        first = group.members[0]
        starting.setdefault(first, []).append((index, sum(1 << (member - first) for member in group.members)))
    numbers = {(0, 0): 0}
    ways = []
    layer = [0]
    for place in range(len(found.pieces)):
        after: list[int] = []
        for taken in layer:
            here = numbers[place, taken]
            options = [(-1, 1)] if taken & 1 else starting[place]
            for index, mask in options:
                if index >= 0 and taken & mask:
                    continue
                state = place + 1, (taken | mask) >> 1
                if state not in numbers:
                    numbers[state] = len(numbers)
                    after.append(state[1])
                ways.append((here, numbers[state], index))
        layer = after
    # All pieces taken is the last state; ways beyond the row's end do not occur.
    end = numbers[len(found.pieces), 0]
    return ways, end


def loss(weights: np.ndarray, examples: list[Example]) -> tuple[float, np.ndarray]:
    """Return the negative mean log-likelihood of the right covers, and its gradient."""
    total, gradient = 0.0, np.zeros_like(weights)
    for row in examples:
        scores = np.append(row.features @ weights, 0.0)
        size = 1 + max(max(a, b) for a, b, _ in row.ways)
        forward, backward = np.full(size, -np.inf), np.full(size, -np.inf)
        forward[0], backward[row.states] = 0.0, 0.0
        for a, b, group in row.ways:
            forward[b] = np.logaddexp(forward[b], forward[a] + scores[group])
        for a, b, group in reversed(row.ways):
            backward[a] = np.logaddexp(backward[a], backward[b] + scores[group])
        expected = np.zeros(len(scores))
        for a, b, group in row.ways:
            expected[group] += np.exp(forward[a] + scores[group] + backward[b] - backward[0])
        total += backward[0] - float(scores[:-1] @ row.right)
        gradient += (expected[:-1] - row.right) @ row.features
    count = len(examples)
    return total / count + _RIDGE / 2 * float(weights @ weights), gradient / count + _RIDGE * weights


def main() -> None:
    """Read the command line, compose rows, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with strokes/")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--pictures", action="store_true", help="for pictures rather than strokes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(find_model("cnn"))
    draw = np.random.default_rng(1)
    sources = [hands_of(split(read_digits(arguments.data / "strokes" / file))[0]) for file in FILES]
    examples = []
    for number in range(arguments.rows):
        hands = sources[number % len(sources)]
        condition = CONDITIONS[int(draw.choice(len(CONDITIONS), p=_SHARES))]
        row = compose(hands[draw.integers(len(hands))], int(draw.integers(1, 7)), condition, draw)
        worked = example(row, model, draw, as_picture=arguments.pictures)
        if worked is not None:
            examples.append(worked)
    print(f"{len(examples)} of {arguments.rows} rows can be parted rightly", flush=True)
    start = np.zeros(len(FEATURES))
    start[FEATURES.index("log_p")] = 1.0
    found = minimize(loss, start, args=(examples,), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    print(f"loss {found.fun:.4f} a row")
    print({name: round(float(weight), 2) for name, weight in zip(FEATURES, found.x, strict=True)})


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Fit the weights that segment rows of pieces into digits, on rows of the training writers' digits.

    .venv/bin/python scripts/training/fit_numbers.py --data ../shared/data [--rows N] [--pictures]

Prints a dictionary for digitpad/core/segmentation/weights.py, for strokes or with --pictures for pictures. The weights
maximise the likelihood of the right segmentation in a semi-Markov conditional random field (Sarawagi and
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
from digitpad.core.segmentation.pieces import components_of_ink, components_of_picture

_SHARES = (0.4, 0.2, 0.15, 0.15, 0.1)  # of the conditions
_MIN_DRAWINGS = 20
_RIDGE = 0.0002
_PICTURE = 500
_PAPER = -2


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """All segmentations of a row, as ordered edges between states (from, to, group), and which groups are right."""

    features: np.ndarray
    edges: list[tuple[int, int, int]]
    states: int
    right: np.ndarray


def hands_of(samples: list[InkSample]) -> list[list[InkSample]]:
    """Return the drawings by writer, of writers with enough drawings."""
    hands: dict[str, list[InkSample]] = {}
    for sample in samples:
        hands.setdefault(sample.writer, []).append(sample)
    return [hand for hand in hands.values() if len(hand) >= _MIN_DRAWINGS]


def owners_in_picture(row: Row, found_in: np.ndarray, scale: float, pen: float) -> np.ndarray:
    """Draw each digit, and return the digit of each pixel: from 0, -1 for noise, or `_PAPER`."""
    left, top = row.ink.bounds[0] - HEIGHT / 3, row.ink.bounds[1] - HEIGHT / 3
    names = sorted(set(row.owners))
    layers = [
        draw_polylines([(stroke - (left, top)) * scale for stroke in row.digit(name).strokes], pen, _PICTURE)
        for name in names
    ]
    found_in[:] = np.max(layers, axis=0)
    return np.where(found_in > 0, np.array(names)[np.argmax(layers, axis=0)], _PAPER)


def right_sets(row: Row, found: Lattice, owner_of: dict[int, int]) -> dict[frozenset[int], bool]:
    """Return the set of pieces of each digit (False), and the pieces of noise (True)."""
    sets: dict[int, list[int]] = {}
    noise = []
    for place, piece in enumerate(found.pieces):
        owner = owner_of[piece.number]
        if owner < 0:
            noise.append(place)
        else:
            sets.setdefault(owner, []).append(place)
    return {frozenset(places): False for places in sets.values()} | {frozenset((place,)): True for place in noise}


def example(row: Row, model: LoadedModel, rng: np.random.Generator, *, as_picture: bool) -> Example | None:
    """Return a row's example; None if the right segmentation is not among the candidates."""
    if as_picture:
        left, top, right, bottom = row.ink.bounds
        scale = _PICTURE / (max(right - left, bottom - top) + 2 * HEIGHT / 3)
        ink_map = np.zeros((_PICTURE, _PICTURE), np.float32)
        owners = owners_in_picture(row, ink_map, scale, max(1.0, rng.uniform(0.05, 0.1) * HEIGHT * scale))
        pieces, labels = components_of_picture(ink_map)
        found = candidates_of_picture(ink_map, labels, pieces, model)
        if found is None:
            return None
        owner_of = {piece.number: _owner(piece.points, owners) for piece in found.pieces}
    else:
        found = candidates_of_ink(row.ink, components_of_ink(row.ink), model)
        owner_of = dict(enumerate(row.owners))
    if found is None:
        return None
    expected_sets = right_sets(row, found, owner_of)
    right = np.array([expected_sets.get(frozenset(group.members)) is group.is_noise for group in found.groups])
    if right.sum() != len(expected_sets):
        return None
    edges, states = edges_of(found)
    return Example(found.features, edges, states, right.astype(float))


def _owner(points: np.ndarray, owners: np.ndarray) -> int:
    at = owners[points[:, 1].astype(int), points[:, 0].astype(int)]
    names, counts = np.unique(at[at != _PAPER], return_counts=True)
    return int(names[counts.argmax()]) if len(names) else -1


def edges_of(found: Lattice) -> tuple[list[tuple[int, int, int]], int]:
    """Return the edges of all segmentations into groups, and the last state."""
    starting: dict[int, list[tuple[int, int]]] = {}
    for index, group in enumerate(found.groups):
        first = group.members[0]
        starting.setdefault(first, []).append((index, sum(1 << (member - first) for member in group.members)))
    numbers = {(0, 0): 0}
    edges = []
    layer = [0]
    for place in range(len(found.pieces)):
        after: list[int] = []
        for used in layer:
            here = numbers[place, used]
            options = [(-1, 1)] if used & 1 else starting[place]
            for index, mask in options:
                if index >= 0 and used & mask:
                    continue
                state = place + 1, (used | mask) >> 1
                if state not in numbers:
                    numbers[state] = len(numbers)
                    after.append(state[1])
                edges.append((here, numbers[state], index))
        layer = after
    # The last state is the end of the row; no edge goes beyond it.
    end = numbers[len(found.pieces), 0]
    return edges, end


def loss(weights: np.ndarray, examples: list[Example]) -> tuple[float, np.ndarray]:
    """Return the negative mean log-likelihood of the right segmentations, and its gradient."""
    total, gradient = 0.0, np.zeros_like(weights)
    for row in examples:
        scores = np.append(row.features @ weights, 0.0)
        size = 1 + max(max(a, b) for a, b, _ in row.edges)
        forward, backward = np.full(size, -np.inf), np.full(size, -np.inf)
        forward[0], backward[row.states] = 0.0, 0.0
        for a, b, group in row.edges:
            forward[b] = np.logaddexp(forward[b], forward[a] + scores[group])
        for a, b, group in reversed(row.edges):
            backward[a] = np.logaddexp(backward[a], backward[b] + scores[group])
        expected = np.zeros(len(scores))
        for a, b, group in row.edges:
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
    parser.add_argument("--pictures", action="store_true", help="fit for pictures instead of strokes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(find_model("cnn"))
    rng = np.random.default_rng(1)
    sources = [hands_of(split(read_digits(arguments.data / "strokes" / file))[0]) for file in FILES]
    examples = []
    for number in range(arguments.rows):
        hands = sources[number % len(sources)]
        condition = CONDITIONS[int(rng.choice(len(CONDITIONS), p=_SHARES))]
        row = compose(hands[rng.integers(len(hands))], int(rng.integers(1, 7)), condition, rng)
        fitted = example(row, model, rng, as_picture=arguments.pictures)
        if fitted is not None:
            examples.append(fitted)
    print(f"{len(examples)} of {arguments.rows} rows have the right segmentation among the candidates", flush=True)
    start = np.zeros(len(FEATURES))
    start[FEATURES.index("log_p")] = 1.0
    found = minimize(loss, start, args=(examples,), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    print(f"loss {found.fun:.4f} per row")
    print({name: round(float(weight), 2) for name, weight in zip(FEATURES, found.x, strict=True)})


if __name__ == "__main__":
    main()

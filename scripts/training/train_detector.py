#!/usr/bin/env python3
"""Train the detector that separates digits from letters, hiragana, scribbles, marks and blots.

    .venv/bin/python scripts/training/train_detector.py --data ../shared/data
    .venv/bin/python scripts/training/train_detector.py --data ../shared/data --left-out FOLDER [KIND ...]

The first writes assets/detector/detector.safetensors. The second trains the same way without one kind of non-digit, for
each kind in turn, so that evaluate_handwriting.py can measure how well unseen kinds are rejected; these files are not
shipped.
"""

import argparse
from functools import cache
from pathlib import Path

import non_digits
import numpy as np
from calibration import with_logits
from writers import FILES, as_drawn, distorted_digits, is_for_calibration, is_held_out, joined, read_digits, split

from digitpad.core.datasets.loading import load_digits
from digitpad.core.detection.digit_detector import DETECTOR
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, Digits, to_bytes
from digitpad.core.ink import ink_mask
from digitpad.core.ink.ink_files import InkSample, read_ink
from digitpad.core.ink.strokes import digit_image
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import SUFFIX, ModelCard, save_model
from digitpad.core.models.networks import DigitModel
from digitpad.core.models.specs import CNNSpec, Normalisation
from digitpad.core.training.config import Augmentation, TrainConfig
from digitpad.core.training.events import EpochDone
from digitpad.core.training.loop import train
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

SPEC = CNNSpec(
    channels=(12, 24, 48),
    dense=64,
    output="sigmoid",
    dropout=0.2,
    normalisation=Normalisation(mean=0.1307, std=0.3081),
)
CONFIG = TrainConfig(
    loss="binary-cross-entropy",
    epochs=6,
    batch_size=128,
    optimizer="adamw",
    learning_rate=0.003,
    schedule="one-cycle",
    weight_decay=0.02,
    augmentation=Augmentation(rotation=10, shear=0.2, scale=0.12, shift=1.0, thickness=0.5),
    precision="auto",
)
# Each kind in the tables, and the sources that are removed from training when it is left out.
KINDS = {
    "letters": ("uji", "letters", "signs", "words"),
    "people": ("uji",),
    "hiragana": ("kmnist", "kana"),
    "scribbles": ("scribbles",),
    "marks": ("marks",),
    "blots": ("blots",),
}
_GENERATED = {
    "letters": 8000,
    "signs": 8000,
    "kana": 8000,
    "words": 5000,
    "scribbles": 8000,
    "marks": 5000,
    "blots": 5000,
}
_SPOILT = 8000
_MNIST = 40_000
# The share of held-out writers' digits with a score below 0.5, the threshold, and below 0.95, which sets the scale.
_REJECTED, _BELOW_095 = 0.0085, 0.05
_AT_095 = float(np.log(0.95 / 0.05))


def letters(data: Path, *, held_out: bool) -> list[InkSample]:
    """Return people's letters, of the training writers or of the held-out ones."""
    samples = read_ink(data / "strokes" / "uji-letters.jsonl.gz")
    return [sample for sample in samples if is_held_out(sample.writer) == held_out]


def hiragana(data: Path, *, held_out: bool) -> np.ndarray:
    """Return Kuzushiji-MNIST's test images (n, 28, 28) uint8: four in five for training, or the held-out fifth.

    Each image is returned unchanged and also as the pad would position it.
    """
    images = load_digits("kmnist", "test", data).images
    chosen = images[(np.arange(len(images)) % 5 == 0) == held_out]
    placed = [to_bytes(ink_mask.digit_image(image / 255).pixels) for image in chosen]
    return np.concatenate([chosen, np.stack(placed)])


def spoilt_mnist(digits: Digits) -> np.ndarray:
    """Return mirrored, rotated, upside-down and overlaid digits, (n, 28, 28) uint8."""
    images, labels = digits.images, digits.labels
    return np.concatenate(
        [
            images[np.isin(labels, non_digits.MIRRORED)][:5000, :, ::-1],
            np.rot90(images[np.isin(labels, non_digits.TURNED)][:4000], 1, (1, 2)),
            images[np.isin(labels, non_digits.UPSIDE_DOWN)][:3000, ::-1, ::-1],
            np.maximum(images[:3000], np.roll(images[3000:6000], (3, 4), (1, 2))),
        ]
    )


@cache
def digits_of(data: Path) -> Digits:
    """Return the digits for training: MNIST, and strokes as drawn and distorted."""
    samples = stroke_samples(data)
    strokes = [as_drawn("strokes", samples)]
    strokes += [distorted_digits("strokes", samples, StrokeAugmentation(), 500 + seed) for seed in range(3)]
    return joined("digits", [load_digits("mnist", "train", data).first(_MNIST), *strokes])


@cache
def non_digit_parts(data: Path) -> dict[str, np.ndarray]:
    """Return the non-digits for training, images (n, 28, 28) uint8 by source."""
    draw = np.random.default_rng(0)
    people, samples = letters(data, held_out=False), stroke_samples(data)
    drawn = [to_bytes(digit_image(sample.ink).pixels) for sample in people]
    other = [
        to_bytes(digit_image(*augment_strokes(sample.ink, StrokeAugmentation(), draw)).pixels)
        for sample in people
        for _ in range(8)
    ]
    return {
        "uji": np.stack(drawn + other),
        "kmnist": hiragana(data, held_out=False),
        **{name: non_digits.made(name, count, seed=1) for name, count in _GENERATED.items()},
        "spoilt": np.stack([non_digits.spoilt(draw, samples) for _ in range(_SPOILT)]),
        "spoilt MNIST": spoilt_mnist(load_digits("mnist", "train", data).first(_MNIST)),
    }


def stroke_samples(data: Path) -> list[InkSample]:
    """Return the drawings of the training writers."""
    return [sample for file in FILES for sample in split(read_digits(data / "strokes" / file))[0]]


def training_set(data: Path, left_out: str | None) -> Digits:
    """Return digits, and non-digits with a label outside the ten classes."""
    without = KINDS.get(left_out or "", ())
    others = np.concatenate([images for name, images in non_digit_parts(data).items() if name not in without])
    labels = np.full(len(others), CLASSES, np.uint8)
    return joined("digits and others", [digits_of(data), Digits("others", others, labels)])


def calibration_digits(data: Path) -> list[np.ndarray]:
    """Return the images (n, 28, 28) uint8 for the threshold: the last of MNIST, and held-out writers' digits."""
    found = [load_digits("mnist", "train", data).images[-5000:]]
    for file in FILES:
        samples = [s for s in split(read_digits(data / "strokes" / file))[1] if is_for_calibration(s.writer)]
        found.append(as_drawn(file, samples).images)
    return found


def scaled(model: DigitModel, digits: list[np.ndarray]) -> DigitModel:
    """Scale the logits so that the threshold is a score of 0.5; each source of digits has the same weight."""
    logits = [predict_logits(model, images).max(axis=1) for images in digits]
    weights = np.concatenate([np.full(len(some), 1 / len(some)) for some in logits])
    together = np.concatenate(logits)
    order = np.argsort(together)
    shares = np.cumsum(weights[order]) / weights.sum()
    low, high = (together[order][np.searchsorted(shares, share)] for share in (_REJECTED, _BELOW_095))
    scale = _AT_095 / float(high - low)
    return with_logits(model, scale, -float(low) * scale)


def trained(data: Path, left_out: str | None) -> DigitModel:
    """Train the detector, with all kinds of non-digits or without one."""
    training = training_set(data, left_out)
    seen = Digits("a part of them", training.images[::50].copy(), training.labels[::50].copy())
    print(f"{len(training):,} images, {int((training.labels < CLASSES).sum()):,} of them digits", flush=True)
    model: DigitModel | None = None
    for event in train(SPEC, CONFIG, training, seen):
        if isinstance(event, EpochDone):
            model = event.model
            print(f"epoch {event.epoch}: {event.train_accuracy:.2%} ({event.seconds:.0f} s)", flush=True)
    if model is None:
        raise DigitpadError("the detector was not trained: set at least one epoch")
    return scaled(model, calibration_digits(data))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, kmnist/ and strokes/")
    parser.add_argument(
        "--left-out", type=Path, metavar="FOLDER", help="train the detectors without a kind, into this folder"
    )
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"to leave out: {', '.join(KINDS)}; default: each in turn"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if arguments.left_out is None:
        save(DETECTOR, trained(arguments.data, None))
        return
    for kind in arguments.kinds or KINDS:
        print(f"without {kind}:", flush=True)
        save(arguments.left_out / f"{kind}{SUFFIX}", trained(arguments.data, kind))


def save(path: Path, model: DigitModel) -> None:
    """Save a detector."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(path, model, ModelCard(name="detector", title="Digit or not"))
    print(f"written to {path}", flush=True)


if __name__ == "__main__":
    main()

"""Predictions for files: pictures and ink."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.ink import image_files, ink_mask, strokes
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.strokes import Ink
from digitpad.core.recognition.digit_detector import THRESHOLD, digit_scores
from digitpad.core.recognition.number import Reading, read_ink_number, read_picture_number
from digitpad.core.recognition.prediction import Prediction, predict

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class PredictedSample:
    """One sample of a file; `id` is the ink file's, and the file's name for a picture."""

    source: str
    id: str
    prediction: Prediction
    label: str | None = None
    reading: Reading | None = None  # as a whole number, where that was asked for

    @property
    def answer(self) -> str | None:
        """The digit, or the number where one was asked for; None where nothing is claimed."""
        if self.reading is not None:
            return self.reading.number
        return None if self.prediction.digit is None else str(self.prediction.digit)

    def __str__(self) -> str:
        """Return the line that people read."""
        name = _on_one_line(self.source if self.id == Path(self.source).name else f"{self.source} {self.id}")
        if self.reading is not None and self.reading.digits:
            return f"{name}: {_said_of(self.reading)}"
        if self.prediction.is_blank:
            return f"{name}: nothing drawn"
        if self.prediction.is_refused:
            return f"{name}: not a digit? (if it is one: {self.prediction.best})"
        if self.prediction.digit is None:
            return f"{name}: not sure (perhaps {self.prediction.best}, {self.prediction.confidence:.1%})"
        return f"{name}: {self.prediction.digit} ({self.prediction.confidence:.1%})"


def _said_of(reading: Reading) -> str:
    perhaps = "".join(str(read.prediction.best) for read in reading.digits)
    if reading.is_refused:
        return f"not a number? (if it is one: {perhaps})"
    least = min(read.prediction.confidence for read in reading.digits)
    if reading.number is None and any(read.is_refused for read in reading.digits):
        doubtful = "".join("?" if read.is_refused else str(read.prediction.best) for read in reading.digits)
        return f"not sure ({doubtful}; what stands for ? does not look like a digit)"
    words = perhaps if reading.number else f"not sure (perhaps {perhaps})"
    return f"{words} (least sure digit {least:.1%})"


def _on_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def predict_file(
    path: Path, model: "LoadedModel", *, as_number: bool = False, threshold: float = THRESHOLD
) -> Iterator[PredictedSample]:
    """Yield a prediction for each sample of a file, in order; with `as_number` each is read as a whole number too.

    What has a lower digit score than `threshold`, in [0, 1], is refused.

    Raises
    ------
    DigitpadError
        Where the file, or a line of it, cannot be read; what came before has been yielded.

    """
    if not is_ink_file(path):
        ink_map = image_files.read_picture(path)
        yield PredictedSample(
            source=str(path),
            id=path.name,
            prediction=_scored([ink_mask.digit_image(ink_map)], model, threshold)[0],
            reading=_in_picture(ink_map, model, threshold) if as_number else None,
        )
        return
    for batch in _batches(read_ink(path)):
        predictions = _scored([strokes.digit_image(sample.ink) for sample in batch], model, threshold)
        for sample, prediction in zip(batch, predictions, strict=True):
            yield PredictedSample(
                source=str(path),
                id=sample.id,
                prediction=prediction,
                label=_label_of(sample, as_number=as_number),
                reading=_in_ink(sample.ink, model, threshold) if as_number else None,
            )


def _scored(images: list[DigitImage], model: "LoadedModel", threshold: float) -> list[Prediction]:
    scores = digit_scores(np.stack([image.pixels for image in images]))
    return predict(images, model, scores=scores, threshold=threshold)


def _in_picture(ink_map: np.ndarray, model: "LoadedModel", threshold: float) -> Reading:
    return read_picture_number(ink_map, model).with_threshold(threshold)


def _in_ink(strokes: Ink, model: "LoadedModel", threshold: float) -> Reading:
    return read_ink_number(strokes, model).with_threshold(threshold)


def _batches(samples: Iterator[InkSample]) -> Iterator[list[InkSample]]:
    """Yield samples in batches; what came before an error is yielded before it is raised."""
    batch: list[InkSample] = []
    try:
        for sample in samples:
            batch.append(sample)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except DigitpadError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _label_of(sample: InkSample, *, as_number: bool) -> str | None:
    """Return the label where it is one that the answer can be compared with."""
    text = str(sample.label)
    return text if sample.digit is not None or (as_number and text.isascii() and text.isdigit()) else None

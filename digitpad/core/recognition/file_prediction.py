"""Predictions for picture files and ink files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.formats.pictures import files_below, is_picture, labels_of_folders
from digitpad.core.detection.digit_detector import THRESHOLD, digit_scores
from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError
from digitpad.core.ink import image_files, ink_mask, strokes
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.picture_pages import one_page_error
from digitpad.core.recognition.number import read_ink_number, read_picture_number
from digitpad.core.recognition.prediction import Prediction, predict, probability_text
from digitpad.core.recognition.reading import Line, ReadDigit, Reading
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class PredictedSample:
    """The prediction for one sample of a file; `id` is from the ink file, or the file name for a picture."""

    source: str
    id: str
    prediction: Prediction
    label: str | None = None
    reading: Reading | None = None  # as a whole number, if requested
    page: int = 1  # of a picture that has several
    pages: int = 1

    @property
    def answer(self) -> str | None:
        """The digit, or the number if requested, several one a line; None if not sure or refused."""
        if self.reading is not None:
            return self.reading.answer
        return None if self.prediction.digit is None else str(self.prediction.digit)

    @property
    def texts(self) -> list[str]:
        """A line of text for the user, or one for each line of numbers."""
        name = self.source if self.id == Path(self.source).name else f"{self.source} {self.id}"
        if self.pages > 1:
            name = tr("{name}, page {page} of {count}").format(name=name, page=self.page, count=self.pages)
        lines = self.reading.lines if self.reading is not None else ()
        if len(lines) > 1:
            template = tr("{name} line {number}: {answer}")
            return [
                template.format(name=name, number=number, answer=_describe_line(line))
                for number, line in enumerate(lines, start=1)
            ]
        return [f"{name}: {_describe_line(lines[0]) if lines else _describe_digit(self.prediction)}"]


def _describe_digit(prediction: Prediction) -> str:
    if prediction.is_blank:
        return tr("blank")
    if prediction.is_refused:
        return tr("probably not a digit (closest: {digit})").format(digit=prediction.best)
    template = tr("not sure, maybe {digit} ({share})") if prediction.digit is None else "{digit} ({share})"
    return template.format(digit=prediction.best, share=probability_text(prediction.confidence))


def _describe_line(line: Line) -> str:
    number = "".join(
        str(read.prediction.best) if isinstance(read, ReadDigit) else read.text for read in line.characters
    )
    if all(read.is_refused for read in line.digits):
        return tr("probably not a number (closest: {number})").format(number=number)
    if any(read.is_refused for read in line.digits):
        return tr("not sure, maybe {number} (? is probably not a digit)").format(number=line.text)
    template = (
        tr("not sure, maybe {number} (lowest confidence {share})")
        if line.number is None
        else tr("{number} (lowest confidence {share})")
    )
    return template.format(
        number=number, share=probability_text(min(read.prediction.confidence for read in line.digits))
    )


def predict_all(
    path: Path, model: "LoadedModel", *, as_number: bool = False, threshold: float = THRESHOLD, page: int = 1
) -> Iterator[PredictedSample]:
    """Yield the predictions of `predict_file` for a file, or for all pictures and ink files in a folder and below it.

    The digit that the name of a picture's folder says is its label. Raise DigitpadError also if a folder has no files
    to recognise.
    """
    if not path.is_dir():
        yield from predict_file(path, model, as_number=as_number, threshold=threshold, page=page)
        return
    files = [file for file in files_below(path) if is_picture(file.name) or is_ink_file(file)]
    if not files:
        raise DigitpadError("{path} has no pictures and no ink files: choose another folder", path=path)
    for file, label in zip(files, labels_of_folders(files, path)[0], strict=True):
        for sample in predict_file(file, model, as_number=as_number, threshold=threshold, page=page):
            yield sample if sample.label or label is None else replace(sample, label=str(label))


def predict_file(
    path: Path, model: "LoadedModel", *, as_number: bool = False, threshold: float = THRESHOLD, page: int = 1
) -> Iterator[PredictedSample]:
    """Yield a prediction for each sample of a file, in order; with `as_number` each is read as a whole number too.

    A drawing with a digit score below `threshold`, in [0, 1], is refused. Of a picture with several pages one is read.

    Raise DigitpadError if the file, or a line of it, cannot be read; earlier samples have been yielded then.
    """
    if not is_ink_file(path):
        ink_map = find_ink(image_files.read_picture(path, page), as_number=as_number)
        yield PredictedSample(
            source=str(path),
            id=path.name,
            prediction=_scored([ink_mask.digit_image(ink_map)], model, threshold)[0],
            reading=read_picture_number(ink_map, model).with_threshold(threshold) if as_number else None,
            page=page,
            pages=image_files.count_pages(path),
        )
        return
    if page > 1:
        raise one_page_error(path)
    is_empty = True
    for batch in _batches(read_ink(path)):
        is_empty = False
        predictions = _scored([strokes.digit_image(sample.ink) for sample in batch], model, threshold)
        for sample, prediction in zip(batch, predictions, strict=True):
            yield PredictedSample(
                source=str(path),
                id=sample.id,
                prediction=prediction,
                label=_label_of(sample, as_number=as_number),
                reading=read_ink_number(sample.ink, model).with_threshold(threshold) if as_number else None,
            )
    if is_empty:
        raise DigitpadError("{path} has no drawing: choose another ink file", path=path)


def _scored(images: list[DigitImage], model: "LoadedModel", threshold: float) -> list[Prediction]:
    scores = digit_scores(np.stack([image.pixels for image in images]))
    return predict(images, model, scores=scores, threshold=threshold)


def _batches(samples: Iterator[InkSample]) -> Iterator[list[InkSample]]:
    """Yield samples in batches; before an error is raised, the samples read so far are yielded."""
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
    """Return the label if the answer can be compared with it."""
    text = str(sample.label)
    return text if sample.digit is not None or (as_number and text.isascii() and text.isdigit()) else None

"""Predictions for files: pictures and ink."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core import ink, pictures
from digitpad.core.ink_files import is_ink_file, read_ink
from digitpad.core.recognition import Prediction, predict

if TYPE_CHECKING:
    from digitpad.core.storage import LoadedModel

_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class PredictedSample:
    """One sample of a file; `id` is the ink file's, and the file's name for a picture."""

    source: str
    id: str
    prediction: Prediction
    label: int | None = None

    def __str__(self) -> str:
        """Return the line that people read."""
        name = self.source if self.id == Path(self.source).name else f"{self.source} {self.id}"
        if self.prediction.is_blank:
            return f"{name}: nothing drawn"
        if self.prediction.digit is None:
            return f"{name}: not sure (perhaps {self.prediction.best}, {self.prediction.confidence:.1%})"
        return f"{name}: {self.prediction.digit} ({self.prediction.confidence:.1%})"


def predict_file(path: Path, model: "LoadedModel") -> Iterator[PredictedSample]:
    """Yield a prediction for each sample of a file, in order.

    Raises
    ------
    DigitpadError
        Where the file, or a line of it, cannot be read; what came before has been yielded.

    """
    if not is_ink_file(path):
        image = pictures.digit_image(pictures.read_picture(path))
        yield PredictedSample(source=str(path), id=path.name, prediction=predict([image], model)[0])
        return
    samples = read_ink(path)
    while batch := list(islice(samples, _BATCH)):
        predictions = predict([ink.digit_image(sample.ink) for sample in batch], model)
        for sample, prediction in zip(batch, predictions, strict=True):
            yield PredictedSample(source=str(path), id=sample.id, prediction=prediction, label=sample.digit)

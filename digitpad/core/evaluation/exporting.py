"""Export of samples: a CSV table, or a folder of PNG images with such a table."""

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.files.atomic_folder import ExportProgress, hidden_folder, publish_folder
from digitpad.core.files.csv_tables import Cell, format_csv, write_table
from digitpad.core.images.digits import CLASSES

TABLE = "samples.csv"
_EVERY = 25  # samples between two reports of progress: some milliseconds
_MIN_DIGITS = 5  # of the index in a file name, so that names sort by index


def write_csv(path: Path, samples: Samples, indices: Sequence[int] | np.ndarray) -> None:
    """Write a table with a line for each sample, in the order of `indices`; see `csv_tables.format_csv`.

    Columns: index (in the evaluated set), part, number (in that part), label; with a model predicted, confidence, loss
    and margin as in `digitpad.core.evaluation.result.Evaluation`, loss_name ("cross-entropy", "mse" …), the
    probabilities p0–p9 of a softmax or output0–output9 of other models, and logit0–logit9; a model of two classes has
    output1 and logit1 alone. With a second model second_predicted and second_confidence; suspect (1 if the user marked
    the label), corrected, note.

    Raise DigitpadError if `indices` is empty, or the file cannot be written.
    """
    chosen = _not_empty(indices)
    columns = _columns(samples, chosen)
    write_table(path, list(columns), zip(*columns.values(), strict=True))


def export_folder(
    parent: Path, name: str, samples: Samples, indices: Sequence[int] | np.ndarray
) -> Generator[ExportProgress, None, None]:
    """Write a folder with a PNG for each sample and samples.csv, and yield progress.

    The images are 8-bit greyscale in the size of the samples, 0 background and 255 ink, named by index:
    "00247-label4-pred9.png". The table is that of `write_csv`, with the file name as first column.

    Everything is written to a hidden folder, which is renamed at the end: to "name", or if that exists to "name 2" and
    so on. If the generator is closed (which cancels the export) or fails, the hidden folder is deleted.

    Parameters
    ----------
    parent
        An existing folder.
    name
        The name of the new folder, without separators.
    samples, indices
        Which samples, and in what order.

    Raises
    ------
    DigitpadError
        If `indices` is empty, or the folder cannot be written.

    """
    chosen = _not_empty(indices)
    with hidden_folder(parent, name) as hidden:
        width = max(_MIN_DIGITS, len(str(len(samples) - 1)))
        names: list[str] = []
        for done, index in enumerate(chosen):
            if done % _EVERY == 0:
                yield ExportProgress(done, len(chosen))
            sample = samples[index]
            names.append(_file_name(sample, width))
            _write_image(hidden / names[-1], sample.full_scale)
        yield ExportProgress(len(chosen), len(chosen))
        columns = {"file": names, **_columns(samples, chosen)}
        (hidden / TABLE).write_bytes(format_csv(list(columns), zip(*columns.values(), strict=True)))
        folder = publish_folder(hidden, name)
    yield ExportProgress(len(chosen), len(chosen), folder)


def _not_empty(indices: Sequence[int] | np.ndarray) -> np.ndarray:
    if not len(indices):
        raise DigitpadError("there is no sample to export: choose some first")
    return np.asarray(indices, np.int64)


def _columns(samples: Samples, chosen: np.ndarray) -> dict[str, Iterable[Cell]]:
    """Return the columns of the table, by name."""
    places = [samples.loaded.part_and_number(int(index)) for index in chosen]
    marks = [samples.marks.get(int(index)) for index in chosen]
    return {
        "index": chosen.tolist(),
        "part": [part for part, _ in places],
        "number": [number for _, number in places],
        "label": samples.digits.labels[chosen].tolist(),
        **_prediction_columns(samples, chosen),
        "suspect": [int(mark is not None) for mark in marks],
        "corrected": [mark and mark.corrected for mark in marks],
        "note": [mark.note if mark else "" for mark in marks],
    }


def _prediction_columns(samples: Samples, chosen: np.ndarray) -> dict[str, Iterable[Cell]]:
    first, second = samples.evaluation, samples.second_evaluation
    if first is None:
        return {}
    from digitpad.core.models.inference import outputs_of

    logits = first.logits[chosen].astype(np.float64)
    outputs, name = outputs_of(logits, first.output), "p" if first.output == "softmax" else "output"
    classes = range(CLASSES) if logits.shape[1] > 1 else range(1, 2)
    columns: dict[str, Iterable[Cell]] = {
        "predicted": first.predicted[chosen].tolist(),
        "confidence": first.confidences[chosen].tolist(),
        "loss": first.losses[chosen].tolist(),
        "loss_name": [first.loss.name] * len(chosen),
        "margin": first.margins[chosen].tolist(),
    }
    for prefix, values in ((name, outputs), ("logit", logits)):
        columns |= {f"{prefix}{digit}": column.tolist() for digit, column in zip(classes, values.T, strict=True)}
    if second is not None:
        columns["second_predicted"] = second.predicted[chosen].tolist()
        columns["second_confidence"] = second.confidences[chosen].tolist()
    return columns


def _file_name(sample: Sample, width: int) -> str:
    predicted = "" if sample.predicted is None else f"-pred{sample.predicted}"
    return f"{sample.index:0{width}}-label{sample.label}{predicted}.png"


def _write_image(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(image).save(path, "PNG")

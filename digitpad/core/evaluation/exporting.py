"""Samples for other programs: a table, or a folder of pictures with one."""

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.atomic_folder import ExportProgress, hidden_folder, publish_folder
from digitpad.core.files.csv_tables import Cell, format_csv, write_table
from digitpad.core.images.digits import CLASSES

TABLE = "samples.csv"
_EVERY = 25  # samples between two reports of progress: some milliseconds
_DIGITS = 5  # in a file's name, so that names sort as the samples do


def write_csv(path: Path, samples: Samples, indices: Sequence[int] | np.ndarray) -> None:
    """Write a table with a line for each sample, in the order of `indices`; see `csv_tables.format_csv`.

    Its columns are: index (in the set that is looked at), part, number (in that part), label; where a model was asked
    predicted, confidence, loss, margin as in `digitpad.core.evaluation.result.Evaluation`, p0–p9 the probabilities and
    logit0–logit9; where another is compared with it rival_predicted and rival_confidence; suspect (1 where the user
    marked the label), corrected and note.

    Raises
    ------
    DigitpadError
        Where nothing is chosen, or the file cannot be written.

    """
    chosen = _checked(indices)
    columns = _columns(samples, chosen)
    write_table(path, list(columns), zip(*columns.values(), strict=True))


def export_folder(
    parent: Path, name: str, samples: Samples, indices: Sequence[int] | np.ndarray
) -> Generator[ExportProgress, None, None]:
    """Write a folder with a PNG for each sample and samples.csv, and yield progress.

    The pictures are 8-bit greyscale of the samples' own size, 0 background and 255 ink, and named
    "00247-label4-pred9.png" by the index; the table is `write_csv`'s, with the file's name in the first column.

    Everything is written to a hidden folder beside, which gets its name at the end: "name", or where that is taken
    "name 2" and so on. Closing the generator cancels, and leaves nothing behind; neither does an error.

    Parameters
    ----------
    parent
        A folder that is there.
    name
        One name, without separators.
    samples, indices
        Which, and in what order.

    Raises
    ------
    DigitpadError
        Where nothing is chosen, or the folder cannot be written.

    """
    chosen = _checked(indices)
    with hidden_folder(parent, name) as hidden:
        names = [_file_name(samples, int(index)) for index in chosen]
        yield ExportProgress(0, len(chosen))
        for start in range(0, len(chosen), _EVERY):
            for index, file in zip(chosen[start : start + _EVERY], names[start : start + _EVERY], strict=True):
                _write_picture(hidden / file, samples[index].full_scale)
            yield ExportProgress(min(start + _EVERY, len(chosen)), len(chosen))
        columns = {"file": names, **_columns(samples, chosen)}
        (hidden / TABLE).write_bytes(format_csv(list(columns), zip(*columns.values(), strict=True)))
        folder = publish_folder(hidden, name)
    yield ExportProgress(len(chosen), len(chosen), folder)


def _checked(indices: Sequence[int] | np.ndarray) -> np.ndarray:
    if not len(indices):
        raise DigitpadError("there is no sample to export: choose some first")
    return np.asarray(indices, np.int64)


def _columns(samples: Samples, chosen: np.ndarray) -> dict[str, Iterable[Cell]]:
    """Return the table's columns, by name."""
    places = [samples.loaded.part_and_number(int(index)) for index in chosen]
    marks = [samples.marks.get(int(index)) for index in chosen]
    return {
        "index": chosen.tolist(),
        "part": [part for part, _ in places],
        "number": [number for _, number in places],
        "label": samples.digits.labels[chosen].tolist(),
        **_said(samples, chosen),
        "suspect": [int(mark is not None) for mark in marks],
        "corrected": [mark and mark.corrected for mark in marks],
        "note": [mark.note if mark else "" for mark in marks],
    }


def _said(samples: Samples, chosen: np.ndarray) -> dict[str, Iterable[Cell]]:
    """Return the columns of what models say."""
    said, other = samples.evaluation, samples.rival_evaluation
    if said is None:
        return {}
    logits = said.logits[chosen].astype(np.float64)
    from digitpad.core.models.inference import probabilities_of

    shares = probabilities_of(said.logits[chosen], said.output)
    columns: dict[str, Iterable[Cell]] = {
        "predicted": said.predicted[chosen].tolist(),
        "confidence": said.confidences[chosen].tolist(),
        "loss": said.losses[chosen].tolist(),
        "margin": said.margins[chosen].tolist(),
    }
    columns |= {f"p{digit}": shares[:, digit].tolist() for digit in range(CLASSES)}
    columns |= {f"logit{digit}": logits[:, digit].tolist() for digit in range(CLASSES)}
    if other is not None:
        columns["rival_predicted"] = other.predicted[chosen].tolist()
        columns["rival_confidence"] = other.confidences[chosen].tolist()
    return columns


def _file_name(samples: Samples, index: int) -> str:
    width = max(_DIGITS, len(str(len(samples) - 1)))
    sample = samples[index]
    said = "" if sample.predicted is None else f"-pred{sample.predicted}"
    return f"{index:0{width}}-label{sample.label}{said}.png"


def _write_picture(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(image).save(path, "PNG")

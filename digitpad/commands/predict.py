"""The command `predict`."""

import json
import sys
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad.commands.common import EpochOption, ModelName
from digitpad.core.errors import DigitpadError
from digitpad.core.translation import Percent, tr
from digitpad.error_output import print_error, print_line

if TYPE_CHECKING:
    from digitpad.core.recognition.file_prediction import PredictedSample
    from digitpad.core.recognition.prediction import Prediction


def predict(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Pictures, ink files (.jsonl, .inkml, .unp), or folders.")
    ],
    model: ModelName = "cnn",
    epoch: EpochOption = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per line. Its confidence is the digit score, from 0 to 1."),
    ] = False,
    number: Annotated[
        bool, typer.Option("--number", help="Read each sample as a whole number, or one a line.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SCORE",
            help="Reject samples with a lower digit score. Default: 0.5. 0 rejects nothing.",
        ),
    ] = None,
    page: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="Which page of pictures that have several: a scan, or the frames of a GIF."
        ),
    ] = 1,
) -> None:
    """Predict the digit in each picture or drawing, one line per sample."""
    from digitpad.core.detection.digit_detector import THRESHOLD
    from digitpad.core.models.model_files import load_model
    from digitpad.core.recognition.file_prediction import predict_all
    from digitpad.core.runs.run_library import find_model_file

    if threshold is not None and isnan(threshold):  # it passes the test of the range
        raise typer.BadParameter(tr("nan is not a number from 0 to 1"), param_hint="'--threshold'")
    threshold = THRESHOLD if threshold is None else threshold
    loaded = load_model(find_model_file(model, None if epoch is None else epoch.value))
    if loaded.note:
        print_line(loaded.note, to_error=True)
    right = labelled = failed = 0
    for file in files:
        try:
            for sample in predict_all(file, loaded, as_number=number, threshold=threshold, page=page):
                if as_json:
                    print(_json_line(sample))
                else:
                    for line in sample.texts:
                        print_line(line)
                labelled += sample.label is not None
                right += sample.label is not None and sample.label == sample.answer
        except DigitpadError as error:
            failed = print_error(error.with_hint, 1)
    if labelled:
        sys.stdout.flush()
        text = tr("accuracy: {accuracy:.2%} ({right:,} of {count:,})")
        print_line(text.format(accuracy=Percent(right / labelled), right=right, count=labelled), to_error=True)
    if failed:
        raise typer.Exit(failed)


def _json_line(sample: "PredictedSample") -> str:
    record: dict[str, object] = {"source": sample.source, "id": sample.id, **_prediction_record(sample.prediction)}
    if sample.pages > 1:
        record |= {"page": sample.page, "pages": sample.pages}
    if sample.reading is not None:
        record["number"] = sample.reading.number
        record["numbers"] = list(sample.reading.numbers)
        record["digits"] = [
            {**_prediction_record(read.prediction), "box": [round(edge, 3) for edge in read.box]}
            for read in sample.reading.digits
        ]
    return json.dumps(record, allow_nan=False)


def _prediction_record(prediction: "Prediction") -> dict[str, object]:
    return {
        "digit": prediction.digit,
        "confidence": round(prediction.likelihood, 9),
        "probabilities": [round(float(p), 6) for p in prediction.probabilities],
    }

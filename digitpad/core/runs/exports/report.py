"""A run on one page of HTML, to hand in: one file without scripts, and with no link to another."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from digitpad import __version__
from digitpad.core.datasets.catalogue import display_title
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.confusion_figure import confusion_figure
from digitpad.core.evaluation.figures import svg_of
from digitpad.core.evaluation.metrics import Metrics
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.atomic import write_atomically
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import Epoch
from digitpad.core.models.specs import parameter_count, summary
from digitpad.core.recognition.prediction import probability_text
from digitpad.core.runs.differences import all_settings, changed_settings
from digitpad.core.runs.exports.curve_figure import curve_figure
from digitpad.core.runs.exports.run_evaluation import confusion_of, evaluate_run
from digitpad.core.runs.run_folder import Run
from digitpad.core.translation import Percent, language, percent, tr

_WORST = 24
_MOST_ROWS = 40  # epochs in the table
_FIXED_BELOW = 1000.0
_STYLE = """
body { font: 15px/1.5 sans-serif; color: #1a1a1a; background: #fff;
  max-width: 900px; margin: 32px auto; padding: 0 16px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 18px; margin: 32px 0 8px } p.small { color: #555; font-size: 13px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
td, th { padding: 3px 12px 3px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd }
td { overflow-wrap: anywhere } div.columns { columns: 260px; column-gap: 40px }
tr.changed td { font-weight: 600 } svg { max-width: 100%; height: auto }
figure { display: inline-block; margin: 0 12px 12px 0; font-size: 12px; text-align: center }
figure img { width: 84px; height: 84px; image-rendering: pixelated; border: 1px solid #ccc; display: block }
@media print { h2 { break-after: avoid } figure, svg, tr { break-inside: avoid } }
"""


def write_report(path: Path, run: Run, epoch: Epoch | None = None, data: Path | None = None) -> None:
    """Write the page: result, curves, confusion matrix, worst mistakes, settings, versions.

    Without the run's data or weights, a sentence says so in the place of matrix and mistakes. Raise DigitpadError if
    the file cannot be written, or the run has no measured epoch.
    """
    if not run.rows:
        raise DigitpadError("“{run}” has no measured epoch yet: train it for at least one", run=run.name)
    write_atomically(path, report_html(run, epoch, data).encode("utf-8", "replace"))


def report_html(run: Run, epoch: Epoch | None = None, data: Path | None = None) -> str:
    """Return the page as HTML; every text in it is escaped."""
    parts = [_heading(run), _section(tr("Curves"), svg_of(curve_figure(run)) + _epochs(run))]
    try:
        samples, counted = evaluate_run(run, epoch, data)
    except DigitpadError as error:
        parts.append(_section(tr("Confusion matrix"), _paragraph(tr("It is missing: {reason}").format(reason=error))))
    else:
        assert samples.evaluation is not None  # noqa: S101 - a model was given
        metrics = samples.evaluation.metrics(counted)
        figure = confusion_figure(confusion_of(run, metrics), display_part_name(samples.digits.name))
        parts.append(_section(tr("Confusion matrix"), _measured(run, samples, metrics, epoch) + svg_of(figure)))
        parts.append(_section(tr("Worst mistakes"), _mistakes(samples, counted)))
    parts += [_section(tr("Settings"), _settings(run)), _section(tr("Versions"), _versions(run))]
    head = (
        f'<!DOCTYPE html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(run.name)}</title><style>{_STYLE}</style></head><body>"
    )
    return "\n".join([head, *parts, "</body></html>\n"])


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{content}"


def _paragraph(text: str) -> str:
    return f'<p class="small">{escape(text)}</p>'


def _table(rows: Iterable[Sequence[object]], heads: Sequence[str] = (), changed: frozenset[int] = frozenset()) -> str:
    lines = ["<table>"]
    if heads:
        lines.append("<tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>")
    for number, row in enumerate(rows):
        start = '<tr class="changed">' if number in changed else "<tr>"
        lines.append(start + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _heading(run: Run) -> str:
    used, model = run.used, run.recipe.model
    lines = [
        tr("{model}, {parameters:,} parameters, on {dataset}").format(
            model=summary(model), parameters=parameter_count(model), dataset=display_title(run.recipe.dataset)
        ),
        tr("Started {date}, {epochs:,} epochs, {seconds:.1f} s of training").format(
            date=run.info.created.strftime("%Y-%m-%d %H:%M"), epochs=run.rows[-1].epoch, seconds=run.seconds
        ),
    ]
    if used is not None:
        text = tr("Test accuracy {accuracy:.2%}, test loss {loss:.4g} after epoch {epoch:,}")
        lines.insert(0, text.format(accuracy=Percent(used.test_accuracy), loss=used.test_loss, epoch=used.epoch))
    return f"<h1>{escape(run.name)}</h1>\n" + "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def _epochs(run: Run) -> str:
    """Return a table of the measured epochs; of many epochs those at equal distances, and the last."""
    count = len(run.rows)
    chosen = sorted({round(place) for place in np.linspace(0, count - 1, min(count, _MOST_ROWS))})
    rows = [
        (
            f"{row.epoch:,}",
            _loss(row.train_loss),
            percent(row.train_accuracy, 2),
            _loss(row.test_loss),
            percent(row.test_accuracy, 2),
        )
        for row in (run.rows[index] for index in chosen)
    ]
    heads = (tr("epoch"), tr("training loss"), tr("training accuracy"), tr("test loss"), tr("test accuracy"))
    return _table(rows, heads)


def _loss(loss: float) -> str:
    """Return a loss with a fixed number of decimals, so that those of a column can be compared at a glance."""
    return f"{loss:.6f}" if abs(loss) < _FIXED_BELOW else f"{loss:.6g}"


def _measured(run: Run, samples: Samples, metrics: Metrics, epoch: Epoch | None) -> str:
    assert samples.evaluation is not None  # noqa: S101
    row = run.kept_model(epoch).row
    text = tr("{data}: {accuracy:.2%} of {count:,} right, {loss}, with the weights of epoch {epoch:,}")
    return _paragraph(
        text.format(
            data=display_part_name(samples.digits.name),
            accuracy=Percent(metrics.accuracy),
            count=metrics.count,
            loss=samples.evaluation.loss.described(metrics.loss),
            epoch=row.epoch if row else 0,
        )
    )


def _mistakes(samples: Samples, counted: np.ndarray) -> str:
    """Return the mistakes with the largest losses as pictures."""
    evaluation = samples.evaluation
    assert evaluation is not None  # noqa: S101
    wrong = counted[~evaluation.is_right[counted]]
    if not len(wrong):
        return _paragraph(tr("There are none."))
    worst = wrong[np.argsort(-evaluation.losses[wrong], kind="stable")][:_WORST]
    caption = tr("Pred: {predicted}, Label: {label}")
    figures = []
    for index in worst.tolist():
        sample = samples[index]
        text = caption.format(predicted=sample.predicted, label=sample.label)
        figures.append(
            f'<figure><img alt="" src="data:image/png;base64,{_png(sample.full_scale)}">'
            f"<figcaption>{escape(text)}<br>{probability_text(sample.confidence)}</figcaption></figure>"
        )
    told = tr("{shown:,} of {wrong:,}, with the largest losses").format(shown=len(worst), wrong=len(wrong))
    return _paragraph(told) + "\n".join(figures)


def _png(image: np.ndarray) -> str:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(255 - image).save(content, "PNG")  # dark on light, as on paper
    return base64.b64encode(content.getvalue()).decode()


def _settings(run: Run) -> str:
    changed = {change.key for change in changed_settings(run.recipe, run.info.recipe_name)}
    found = all_settings(run.recipe)
    bold = frozenset(number for number, setting in enumerate(found) if setting.key in changed)
    note = tr("From the recipe {recipe}; bold: changed.").format(recipe=run.info.recipe_name)
    table = _table([(setting.name, setting.after) for setting in found], changed=bold)
    return f'{_paragraph(note)}<div class="columns">{table}</div>'


def _versions(run: Run) -> str:
    versions = {**run.info.versions, "digitpad": __version__}
    return _table(sorted((str(name), str(version)) for name, version in versions.items()))

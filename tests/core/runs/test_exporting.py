"""Exported files contain what the run contains."""

import csv
import os
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.confusion_figure import write_confusion
from digitpad.core.evaluation.figures import Figure, Text, _fontconfig_file, figure_file
from digitpad.core.images.digits import to_floats
from digitpad.core.models.inference import outputs_of, predict_logits
from digitpad.core.models.model_files import load_model
from digitpad.core.models.specs import output_of
from digitpad.core.runs.exporting import export_run
from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from tests.helpers.program_runner import ProgramRunner, runner

__all__ = ["runner"]

SETTINGS = ["dataset=digits", "epochs=2", "train_first=200", "test_first=100"]


def trained(recipe_name: str, *settings: str) -> Run:
    recipe = with_settings(load_recipe(recipe_name), [*SETTINGS, *settings])
    closed = list(run_job(TrainingJob(recipe, recipe_name)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.mark.parametrize("name", ["softmax", "mlp-fast", "cnn-fast"])
def test_onnx_gives_the_logits_of_the_model(name: str, tmp_path: Path) -> None:
    run = trained(name)
    path = tmp_path / "mine.onnx"
    export_run(run, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    images = to_floats(load_digits("digits", "test", tmp_path).images[:7])
    expected = predict_logits(load_model(run.folder / "best.safetensors").model, images)
    for count in (7, 1):
        (logits,) = session.run(["logits"], {"images": images[:count]})
        np.testing.assert_allclose(np.asarray(logits), expected[:count], atol=1e-4)


def test_the_metadata_of_onnx_names_input_output_and_opset(tmp_path: Path) -> None:
    run = trained("mlp-fast")
    export_run(run, tmp_path / "mine.onnx")
    model = onnx.load(tmp_path / "mine.onnx")
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert told["opset"] == "18" == str(model.opset_import[0].version)
    assert told["input"].startswith("images: float32 (n, 28, 28), 0 background to 1 ink")
    assert told["output"] == "logits: float32 (n, 10), before softmax"
    assert told["name"] == run.name
    session = onnxruntime.InferenceSession(tmp_path / "mine.onnx", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["n", 28, 28]


OUTSIDE = """
import sys
sys.path.insert(0, {folder!r})
sys.modules.pop("mine", None)
import numpy as np, torch
import mine
images = torch.from_numpy(np.load({images!r}))
for weights in {weights!r}:
    model = mine.load(weights)
    np.save({logits!r}, mine.logits_of(model, images).numpy())
    predicted, outputs = mine.predict(model, images)
    np.save({outputs!r}, outputs.numpy())
"""


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("softmax", ()),
        ("mlp-fast", ("dropout=0.2",)),
        ("cnn-best", ("channels=4,6", "dense=8")),
        ("cnn-fast", ("channels=4,6", "dense=8")),
        ("sigmoid-mlp-mse", ()),
        ("digits-mlp-adam", ("dataset=digits-8x8",)),
        ("xor-mlp", ("dataset=xor", "train_first=4", "test_first=4")),
    ],
)
def test_a_model_program_predicts_without_digitpad(
    name: str, settings: tuple[str, ...], runner: ProgramRunner, tmp_path: Path
) -> None:
    run = trained(name, *settings)
    export_run(run, tmp_path / "mine.py")
    export_run(run, tmp_path / "other.safetensors")
    dataset = run.recipe.dataset
    digits = load_digits(dataset, "test", tmp_path)
    images = to_floats(digits.images[:4], digits.peak)
    np.save(tmp_path / "images.npy", images)
    weights = [str(tmp_path / "mine.pt"), str(tmp_path / "other.safetensors")]
    places = {place: str(tmp_path / f"{place}.npy") for place in ("images", "logits", "outputs")}
    (tmp_path / "outside.py").write_text(OUTSIDE.format(folder=str(tmp_path), weights=weights, **places))
    runner.run(tmp_path / "outside.py")
    model = load_model(run.kept_model().path, of_digits=False).model
    expected = predict_logits(model, images)
    np.testing.assert_allclose(np.load(places["logits"]), expected, atol=1e-5)
    outputs = outputs_of(expected, output_of(model.spec))
    np.testing.assert_allclose(np.load(places["outputs"]), outputs, atol=1e-5)


def test_a_model_program_reads_pictures(runner: ProgramRunner, tmp_path: Path) -> None:
    run = trained("softmax")
    export_run(run, tmp_path / "mine.py")
    image = load_digits("digits", "test", tmp_path).images[0]
    Image.fromarray(image).save(tmp_path / "a.png")
    printed = runner.run(tmp_path / "mine.py", str(tmp_path / "a.png"))
    logits = predict_logits(load_model(run.kept_model().path).model, image[None])
    assert printed.startswith(f"{tmp_path / 'a.png'}: {logits.argmax()} (")


def test_weights_beside_a_model_program_replace_only_those_of_an_earlier_export(tmp_path: Path) -> None:
    run = trained("softmax")
    (tmp_path / "mine.pt").write_text("something else")
    with pytest.raises(DigitpadError, match=r"mine\.pt exists already"):
        export_run(run, tmp_path / "mine.py")
    assert (tmp_path / "mine.pt").read_text() == "something else"
    export_run(run, tmp_path / "other.py")
    export_run(run, tmp_path / "other.py")


def test_a_state_dict_has_the_weights_of_the_layers(tmp_path: Path) -> None:
    run = trained("mlp-fast")
    export_run(run, tmp_path / "mine.pt")
    weights = torch.load(tmp_path / "mine.pt", weights_only=True)
    layers = load_model(run.kept_model().path).model.layers
    assert list(weights) == list(layers.state_dict())
    for name, tensor in layers.state_dict().items():
        assert torch.equal(weights[name], tensor)


@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
def test_the_ending_of_an_additional_file_decides_its_format(ending: str, tmp_path: Path) -> None:
    recipe = with_settings(load_recipe("softmax"), SETTINGS)
    list(run_job(TrainingJob(recipe, "softmax", out=tmp_path / f"mine{ending}")))
    if ending == ".pt":
        assert list(torch.load(tmp_path / "mine.pt", weights_only=True)) == ["1.weight", "1.bias"]
    else:
        assert load_model(tmp_path / "mine.safetensors").card.epochs == 2


def test_an_additional_file_with_a_wrong_ending_is_refused_before_the_training(tmp_path: Path) -> None:
    recipe = with_settings(load_recipe("softmax"), SETTINGS)
    with pytest.raises(DigitpadError, match=r"mine\.onnx must end in \.safetensors or \.pt"):
        next(run_job(TrainingJob(recipe, "softmax", out=tmp_path / "mine.onnx")))
    assert not list(tmp_path.iterdir())


def test_csv_has_a_line_per_epoch(tmp_path: Path) -> None:
    run = trained("softmax")
    export_run(run, tmp_path / "curves.csv")
    with (tmp_path / "curves.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["epoch"]) for line in lines] == [1, 2]
    assert [float(line["test_accuracy"]) for line in lines] == [row.test_accuracy for row in run.rows]


def test_weights_are_a_model_file(tmp_path: Path) -> None:
    run = trained("softmax")
    export_run(run, tmp_path / "mine.safetensors")
    assert run.best is not None
    assert load_model(tmp_path / "mine.safetensors").card.test_accuracy == run.best.test_accuracy


def test_tensorboard_reads_the_curves(tmp_path: Path) -> None:
    run = trained("softmax")
    export_tensorboard(run, tmp_path)
    for part, name in (("training", "train_loss"), ("test", "test_loss")):
        log = EventAccumulator(str(tmp_path / run.id / part))
        log.Reload()
        scalars = log.Scalars("loss")
        assert [scalar.step for scalar in scalars] == [1, 2]
        assert [scalar.value for scalar in scalars] == pytest.approx([getattr(row, name) for row in run.rows])


def test_the_error_for_a_missing_package_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("softmax")
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(DigitpadError, match=r"tensorboard: install digitpad\[tensorboard\]"):
        export_tensorboard(run, tmp_path)


def test_other_suffixes_and_unwritable_places_are_refused(tmp_path: Path) -> None:
    run = trained("softmax")
    with pytest.raises(DigitpadError, match=r"must end in \.csv.*\.safetensors"):
        export_run(run, tmp_path / "mine.pkl")
    (tmp_path / "file").write_text("")
    for name in ("mine.csv", "mine.safetensors", "mine.onnx"):
        with pytest.raises(DigitpadError, match="cannot be written"):
            export_run(run, tmp_path / "file" / name)
    with pytest.raises(DigitpadError, match="cannot be written"):
        export_tensorboard(run, tmp_path / "file")
    (run.folder / "best.safetensors").unlink()
    with pytest.raises(DigitpadError, match="no weights yet"):
        export_run(run, tmp_path / "mine.safetensors")


def log_of(folder: Path) -> EventAccumulator:
    log = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "histograms": 0})
    log.Reload()
    return log


def test_a_second_log_replaces_the_first(tmp_path: Path) -> None:
    run = trained("softmax")
    export_tensorboard(run, tmp_path)
    export_tensorboard(run, tmp_path)
    assert [scalar.step for scalar in log_of(tmp_path / run.id / "test").Scalars("accuracy")] == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == [run.id]
    (tmp_path / run.id / "mine.txt").write_text("something else")
    with pytest.raises(DigitpadError, match="has other files than a log"):
        export_tensorboard(run, tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have a umask")
def test_a_log_can_be_read_by_those_who_may_read_other_folders(tmp_path: Path) -> None:
    run, before = trained("softmax"), os.umask(0o022)
    try:
        export_tensorboard(run, tmp_path)
    finally:
        os.umask(before)
    for place in ("", "training", "test"):
        assert (tmp_path / run.id / place).stat().st_mode & 0o777 == 0o755


def test_a_log_has_steps_settings_weights_and_the_confusion_matrix(tmp_path: Path) -> None:
    run = trained("mlp-fast", "batch_size=50")
    assert export_tensorboard(run, tmp_path) == ""
    steps = log_of(tmp_path / run.id / "training").Scalars("batch/loss")
    assert [scalar.step for scalar in steps] == list(range(1, 9))  # 4 an epoch
    log = log_of(tmp_path / run.id)
    assert {"layers/1/weight", "layers/1/bias"} <= set(log.Tags()["histograms"])
    picture = log.Images("confusion matrix")[0]
    assert picture.encoded_image_string.startswith(b"\x89PNG")
    assert run.used is not None
    assert log.Scalars("hparam/test_accuracy")[0].value == pytest.approx(run.used.test_accuracy)
    assert "_hparams_/session_start_info" in log.summary_metadata


def test_a_log_without_the_data_says_what_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained("softmax")
    recipe = replace(run.recipe, dataset=str(tmp_path / "gone"))
    assert "without the confusion matrix: " in export_tensorboard(replace(run, recipe=recipe), tmp_path)


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_curves_are_drawn_without_a_window(ending: str, tmp_path: Path) -> None:
    run, path = trained("softmax"), tmp_path / f"curves{ending}"
    export_run(run, path)
    if ending == ".png":
        with Image.open(path) as picture:
            assert picture.size[0] > 1000
            assert len(picture.getcolors(1 << 20) or []) > 10
        return
    root = ET.parse(path).getroot()  # noqa: S314 - it is our own
    lines = [line for line in root.iter() if line.get("stroke") in ("#0072b2", "#d55e00")]
    assert len(lines) == 4
    assert all(len((line.get("points") or "").split()) == 2 for line in lines)


class Page(HTMLParser):
    """Collects what a page contains."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_a_report_shows_result_settings_matrix_and_mistakes_in_one_file_without_scripts(tmp_path: Path) -> None:
    run = replace(trained("softmax"))
    run = replace(run, info=replace(run.info, name="<script>alert(1)</script> & “mine”"))
    export_run(run, tmp_path / "report.html")
    page = page_of(tmp_path / "report.html")
    assert "script" not in page.tags
    assert page.texts.count(run.name) >= 2
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert page.tags.count("svg") == 2
    model = load_model(run.kept_model().path).model
    digits = load_digits("digits", "test", tmp_path).first(100)
    predicted = predict_logits(model, digits.images).argmax(axis=1)
    wrong = int((predicted != digits.labels).sum())
    assert page.tags.count("img") == min(wrong, 24)
    text = "\n".join(page.texts)
    assert run.used is not None
    assert f"Test accuracy {100 * run.used.test_accuracy:.2f} %" in text
    for expected in (
        "lr",
        "digits",
        "training images",
        "200",
        "torch",
        "numpy",
        f"of {wrong:,}, with the largest losses",
    ):
        assert expected in text, expected
    counts = [int(part) for part in page.texts if part.isdecimal()]
    assert (predicted == digits.labels).sum() == 100 - wrong
    assert 100 - wrong <= sum(counts)


def test_a_report_without_the_data_says_so(tmp_path: Path) -> None:
    run = trained("softmax")
    run = replace(run, recipe=replace(run.recipe, dataset=str(tmp_path / "gone")))
    export_run(run, tmp_path / "report.html")
    assert any(text.startswith("It is missing: ") for text in page_of(tmp_path / "report.html").texts)


def test_the_axes_of_a_report_have_round_numbers(tmp_path: Path) -> None:
    export_run(trained("softmax"), tmp_path / "curves.svg")
    texts = [element.text or "" for element in ET.parse(tmp_path / "curves.svg").getroot().iter()]  # noqa: S314
    shares = [float(text.removesuffix(" %")) for text in texts if text.endswith(" %")]
    steps = {round(after - before, 6) for before, after in pairwise(shares)}
    assert len(shares) > 2
    assert steps <= {step * 10.0**power for step in (1, 2, 5) for power in (-2, -1, 0, 1)}
    assert len(steps) == 1


def test_a_picture_with_korean_words_has_letters_and_no_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.evaluation.figures.language", lambda: "ko")
    words = [figure_file(Figure("", 40, 20, [Text(20, 10, word)]), ".png") for word in ("정", "확", "도")]
    if "nanum" not in _fontconfig_file("ko").lower() and "cjk" not in _fontconfig_file("ko").lower():
        pytest.skip("the machine has no Korean font")
    assert len(set(words)) == 3  # a letter that a font lacks is the same box as any other


def test_a_confusion_matrix_is_a_table_and_a_figure(tmp_path: Path) -> None:
    confusion = np.arange(100).reshape(10, 10)
    for ending in (".csv", ".svg", ".png"):
        write_confusion(tmp_path / f"a{ending}", confusion, "mine <b>")
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["label", *(f"predicted_{digit}" for digit in range(10))]
    assert [[int(cell) for cell in row[1:]] for row in rows[1:]] == confusion.tolist()
    texts = [element.text for element in ET.parse(tmp_path / "a.svg").getroot().iter()]  # noqa: S314
    assert "mine <b>" in texts
    assert {"98", "99"} <= set(texts)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"
    with pytest.raises(DigitpadError, match=r"a\.pdf must end in \.csv, \.png or \.svg"):
        write_confusion(tmp_path / "a.pdf", confusion, "mine")

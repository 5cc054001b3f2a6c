"""What a data set is, in a line; and its batches."""

import pytest

from digitpad.core.datasets.catalogue import usual_sizes
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.train.form.set_texts import batches_text, set_text

MNIST = "train (60000, 784) uint8 → {}, labels {}; test (10000, 784)"
ONE_HOT = "(60000,) → one-hot (60000, 10)"
NUMPY = "float32 in [0, 1], computed in float64"
SMALL = f"train (1000, 784) uint8 → {NUMPY}, labels (1000,) → one-hot (1000, 10); test (1000, 784)"


@pytest.mark.parametrize(
    ("recipe", "settings", "text"),
    [
        ("softmax-sgd-100", [], MNIST.format("float32 in [0, 1]", "(60000,) int64")),
        ("sigmoid-mlp-mse", [], MNIST.format(NUMPY, ONE_HOT)),
        ("sigmoid-mlp-mse", ["engine=torch", "stream=seeded"], MNIST.format("float32 in [0, 1]", ONE_HOT)),
        ("softmax-sgd-100", ["engine=numpy", "stream=seeded"], MNIST.format(NUMPY, ONE_HOT)),
        ("relu-dropout-sgd", [], SMALL),
        (
            "digits-mlp-adam",
            [],
            "train (1797, 64) float64 in [0, 16] → float32 (unscaled), labels (1797,) int64; test is the same",
        ),
        ("xor-mlp", [], "train (4, 2) of 0 and 1 → float32, labels (4,) → (4, 1); test is the same"),
        (
            "xor-mlp",
            ["dataset=and", "test_first=3"],
            "train (4, 2) of 0 and 1 → float32, labels (4,) → (4, 1); test (3, 2)",
        ),
        ("mlp-best", ["precision=float32"], MNIST.format("float32 (x / 255 − 0.1307) / 0.3081", "(60000,) int64")),
        (
            "cnn-best",
            ["precision=bfloat16", "leave_out_suspects=true"],
            (
                "train (60000, 1, 28, 28) uint8 → bfloat16 (x / 255 − 0.1307) / 0.3081, labels (60000,) int64; "
                "test (10000, 1, 28, 28); without suspect labels"
            ),
        ),
    ],
)
def test_a_set_is_described_as_it_is_used(recipe: str, settings: list[str], text: str) -> None:
    changed = with_settings(load_recipe(recipe), settings)
    assert set_text(changed, usual_sizes(changed.dataset)).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_number_that_is_not_known_is_n() -> None:
    recipe = with_settings(load_recipe("softmax"), ["dataset=my-digits"])
    assert set_text(recipe, None).replace("\N{NO-BREAK SPACE}", " ").startswith("train (n, 784) uint8 → ")
    assert batches_text(recipe, None) == ""
    assert batches_text(recipe, (0, 0)) == ""


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["batch_size=100"], "600 batches an epoch"),
        (["batch_size=128", "drop_last=false"], "469 batches an epoch, the last of 96"),
        (["batch_size=128", "drop_last=true"], "468 batches an epoch, the last 96 images dropped"),
        (["batch_size=59999", "drop_last=true"], "1 batch an epoch, the last image dropped"),
        (["batch_size=1"], "60,000 batches an epoch"),
        (["batch_size=full"], "1 batch an epoch: all images"),
        (["batch_size=1000", "train_first=300"], "1 batch an epoch: all images"),
        (["batch_size=128", "train_first=1000", "drop_last=false"], "8 batches an epoch, the last of 104"),
        (["leave_out_suspects=true"], ""),
    ],
)
def test_the_batches_of_an_epoch(settings: list[str], text: str) -> None:
    recipe = with_settings(load_recipe("softmax-sgd-100"), settings)
    assert batches_text(recipe, (60_000, 10_000)) == text

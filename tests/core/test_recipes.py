"""Recipes: what ships loads, what is wrong is refused with the file, the key and what is allowed."""

from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.models import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.recipes import load_recipe, recipe_names, with_settings


def test_the_shipped_recipes_load() -> None:
    assert recipe_names() == ["softmax", "mlp", "cnn"]
    kinds = [type(load_recipe(name).model) for name in recipe_names()]
    assert kinds == [SoftmaxSpec, MLPSpec, CNNSpec]
    assert all(load_recipe(name).explanation for name in recipe_names())


def test_settings_reach_every_section() -> None:
    settings = ["epochs=3", "hidden=100,50", "dropout=0", "rotation=5", "dataset=digits", "optimizer=sgd"]
    recipe = with_settings(load_recipe("mlp"), settings)
    assert recipe.training.epochs == 3
    assert recipe.model == MLPSpec(hidden=(100, 50), dropout=0.0, normalisation=load_recipe("mlp").model.normalisation)
    assert recipe.training.augmentation.rotation == 5
    assert recipe.dataset == "digits"
    assert with_settings(load_recipe("mlp"), ["model=softmax"]).model == SoftmaxSpec()
    assert with_settings(load_recipe("mlp"), ["hidden=[]"]).model.hidden == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("epochs", "key=value"),
        ("epoch=3", "no such setting; choose one of .*epochs"),
        ("epochs=0", "epochs: .*greater than or equal to 1"),
        ("epochs=many", "epochs: .*integer"),
        ("optimizer=lion", "optimizer: .*'sgd', 'adam' or 'adamw'"),
        ("hidden=1,-1", "hidden"),
        ("device=toaster", "device"),
        ("model=transformer", "'softmax', 'mlp', 'cnn'"),
    ],
)
def test_a_wrong_setting_says_what_is_allowed(setting: str, reason: str) -> None:
    with pytest.raises(DigitpadError, match=f"--set.*{reason}"):
        with_settings(load_recipe("mlp"), [setting])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title = ", "not TOML"),
        ('title = "x"', "'model' is missing"),
        ('title = "x"\nmodel = {}', "kind"),
        ('title = "x"\nmodel = {kind = "softmax"}\nepoch = 1', "unknown key 'epoch'; allowed are title, .*training"),
        ('title = "x"\nmodel = {kind = "mlp", width = 1}', "unknown key 'width' in model; allowed are .*hidden"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nepochs = 1.5', "training.epochs"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nlr = 1', "unknown key 'lr' in training.*learning_rate"),
        (
            'title = "x"\nmodel = {kind = "mlp"}\n[training]\naugmentation = {spin = 1}',
            "'spin' in training.augmentation",
        ),
    ],
)
def test_a_wrong_file_is_named_with_key_and_what_is_allowed(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DigitpadError, match=rf"mine\.toml.*{reason}"):
        load_recipe(str(path))


def test_unknown_names_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="choose one of softmax, mlp, cnn"):
        load_recipe("resnet")
    with pytest.raises(DigitpadError, match="does not exist"):
        load_recipe(str(tmp_path / "none.toml"))

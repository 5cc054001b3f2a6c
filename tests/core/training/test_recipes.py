"""Recipes: the shipped ones load, and errors name the file, the key and what is allowed."""

from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_recipes
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.training.recipe_files import list_recipes, load_recipe, recipe_names, save_recipe
from digitpad.core.training.recipes import with_settings

OURS = ["softmax", "mlp-fast", "mlp-best", "cnn-fast", "cnn-best", "digits-mlp"]
TUTORIALS = [
    *("xor-mlp", "digits-mlp-adam", "softmax-sgd-100", "softmax-sgd-1000", "sigmoid-mlp-mse", "sigmoid-mlp-ce"),
    *("relu-dropout-sgd", "relu-dropout-sgd-correct"),
]


def test_the_shipped_recipes_load() -> None:
    assert recipe_names() == [*OURS, *TUTORIALS]
    kinds = [type(load_recipe(name).model) for name in OURS]
    assert kinds == [SoftmaxSpec, MLPSpec, MLPSpec, CNNSpec, CNNSpec, MLPSpec]
    assert all(load_recipe(name).explanation for name in recipe_names())
    assert all(load_recipe(name).published.epochs for name in TUTORIALS)
    assert all(entry.is_shipped and not entry.problem for entry in list_recipes())


def test_earlier_names_still_work() -> None:
    assert load_recipe("mlp") == load_recipe("mlp-best")
    assert load_recipe("cnn") == load_recipe("cnn-best")


@pytest.mark.parametrize("name", [*OURS, *TUTORIALS])
def test_a_saved_recipe_can_be_loaded(name: str) -> None:
    path = save_recipe("mine", load_recipe(name))
    assert path == user_recipes() / "mine.toml"
    assert load_recipe("mine") == load_recipe(name)
    assert recipe_names()[-1] == "mine"


def test_saving_overwrites_only_on_request_and_refuses_unusable_names() -> None:
    recipe = load_recipe("softmax")
    save_recipe("mine", recipe)
    for name in ("mine", "softmax", "mlp", "../mine", "", "a/b", "con", "COM1.x", "x" * 90, ".hidden", "ends."):
        with pytest.raises(DigitpadError):
            save_recipe(name, recipe)
    changed = with_settings(recipe, ["epochs=2"])
    save_recipe("mine", changed, replace=True)
    assert load_recipe("mine") == changed
    assert [path.name for path in user_recipes().iterdir() if path.name != ".lock"] == ["mine.toml"]


def test_a_broken_user_recipe_is_listed_with_its_problem() -> None:
    user_recipes().mkdir(parents=True)
    (user_recipes() / "bad.toml").write_text("title = 1", encoding="utf-8")
    broken = list_recipes()[-1]
    assert (broken.name, broken.recipe, broken.is_shipped) == ("bad", None, False)
    assert "bad.toml" in broken.problem


@pytest.mark.parametrize("name", ["softmax", "mlp"])  # "mlp" is the former name of mlp-best
def test_a_user_recipe_with_the_name_of_a_shipped_one_is_listed_with_that_problem(name: str) -> None:
    mine = save_recipe("mine", load_recipe("cnn-fast"))
    taken = mine.rename(mine.with_name(f"{name}.toml"))
    entry = list_recipes()[-1]
    assert (entry.path, entry.recipe, entry.is_shipped) == (taken, None, False)
    assert str(taken) in entry.problem
    assert "rename the file" in entry.problem
    assert load_recipe(name) != load_recipe("cnn-fast")
    assert load_recipe(str(taken)) == load_recipe("cnn-fast")


def test_of_several_settings_only_the_wrong_one_is_named() -> None:
    with pytest.raises(DigitpadError, match=r"^hidden=abc: must be a whole number$"):
        with_settings(load_recipe("mlp"), ["epochs=3", "hidden=abc", "dropout=0"])


def test_settings_reach_every_section() -> None:
    settings = ["epochs=3", "hidden=100,50", "dropout=0", "rotation=5", "dataset=digits", "optimizer=sgd"]
    recipe = with_settings(load_recipe("mlp"), settings)
    assert recipe.training.epochs == 3
    assert recipe.model == MLPSpec(hidden=(100, 50), dropout=0.0, normalisation=load_recipe("mlp").model.normalisation)
    assert recipe.training.augmentation.rotation == 5
    assert recipe.dataset == "digits"
    assert with_settings(load_recipe("mlp"), ["model=softmax"]).model == SoftmaxSpec()
    assert with_settings(load_recipe("mlp"), ["hidden=[]"]).model.hidden == ()  # type: ignore[union-attr]


def test_leaving_out_suspect_labels_is_a_setting_that_is_saved() -> None:
    assert not any(load_recipe(name).leave_out_suspects for name in recipe_names())
    recipe = with_settings(load_recipe("mlp"), ["leave_out_suspects=true"])
    save_recipe("mine", recipe)
    assert load_recipe("mine").leave_out_suspects
    assert not with_settings(recipe, ["leave_out_suspects=false"]).leave_out_suspects


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("epochs", "key=value"),
        ("epoch=3", "there is no setting “epoch”: choose one of .*epochs"),
        ("epochs=0", "^epochs=0: must be 1 or more"),
        ("epochs=many", "^epochs=many: must be a whole number"),
        ("optimizer=lion", "^optimizer=lion: must be one of 'sgd', 'adam', 'adamw'"),
        ("hidden=1,-1", "^hidden=1,-1: must be a whole number"),
        ("device=toaster", "^device=toaster: must be 'auto'"),
        ("model=transformer", "'softmax', 'mlp' or 'cnn'"),
        ("batch_size=0", "^batch_size=0: must be 'full' or a whole number from 1"),
        ("momentum=0.9", "^momentum=0.9: must be 0 unless the optimiser is SGD"),
        ("loss=binary-cross-entropy", "^loss=binary-cross-entropy: .*sigmoid"),
        ("engine=numpy", "NumPy engine"),
        ("slips=relu-derivative", "only the NumPy engine has slips"),
        ("dataset=digits-8x8", "model.inputs: .*8x8"),
        ("dataset=xor", "model.inputs"),
        ("outputs=1", "^outputs=1: .*needs 10 outputs"),
        ("leave_out_suspects=some", "^leave_out_suspects=some: must be true or false"),
    ],
)
def test_a_wrong_setting_says_what_is_allowed(setting: str, reason: str) -> None:
    with pytest.raises(DigitpadError, match=reason):
        with_settings(load_recipe("mlp"), [setting])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title = ", "not valid TOML: correct line 1"),
        ('title = "x"', "“model” is missing"),
        ('title = "x"\nmodel = {}', "kind"),
        (
            'title = "x"\nmodel = {kind = "softmax"}\nepoch = 1',
            "there is no key “epoch”: the keys are title, .*training",
        ),
        ('title = "x"\nmodel = {kind = "mlp", width = 1}', "model: there is no key “width”: the keys are .*hidden"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nepochs = 1.5', "training.epochs"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nlr = 1', "training: there is no key “lr”.*learning_rate"),
        (
            'title = "x"\nmodel = {kind = "mlp"}\n[training]\naugmentation = {spin = 1}',
            "training.augmentation: there is no key “spin”",
        ),
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nnesterov = true', "nesterov: "),
        ('title = "x"\nmodel = "mlp"', "model"),
        ('title = "x"\nmodel = {kind = "cnn"}\nengine = "numpy"', "no convolutions"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[published]\nepochs = [1, 2]\ntest_loss = [1]', "published.test_loss"),
        ("a = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_the_error_of_a_wrong_file_names_file_key_and_what_is_allowed(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DigitpadError, match=rf"mine\.toml.*{reason}"):
        load_recipe(str(path))


def test_unknown_names_and_missing_files_raise_readable_errors(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="choose one of softmax, mlp-fast"):
        load_recipe("resnet")
    with pytest.raises(DigitpadError, match="does not exist"):
        load_recipe(str(tmp_path / "none.toml"))

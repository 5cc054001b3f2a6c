"""Recipes: what ships loads, what is wrong is refused with the file, the key and what is allowed."""

from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_recipes
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.training.recipe_files import list_recipes, load_recipe, recipe_names, save_recipe
from digitpad.core.training.recipes import with_settings

OURS = ["softmax", "mlp-fast", "mlp-best", "cnn-fast", "cnn-best"]
TUTORIALS = [
    *("xor-mlp", "digits-mlp-adam", "softmax-sgd-100", "softmax-sgd-1000", "sigmoid-mlp-mse", "sigmoid-mlp-ce"),
    *("relu-dropout-sgd", "relu-dropout-sgd-correct"),
]


def test_the_shipped_recipes_load() -> None:
    assert recipe_names() == [*OURS, *TUTORIALS]
    kinds = [type(load_recipe(name).model) for name in OURS]
    assert kinds == [SoftmaxSpec, MLPSpec, MLPSpec, CNNSpec, CNNSpec]
    assert all(load_recipe(name).explanation for name in recipe_names())
    assert all(load_recipe(name).published.epochs for name in TUTORIALS)
    assert all(entry.is_shipped and not entry.problem for entry in list_recipes())


def test_earlier_names_still_work() -> None:
    assert load_recipe("mlp") == load_recipe("mlp-best")
    assert load_recipe("cnn") == load_recipe("cnn-best")


@pytest.mark.parametrize("name", [*OURS, *TUTORIALS])
def test_a_saved_recipe_comes_back(name: str) -> None:
    path = save_recipe("mine", load_recipe(name))
    assert path == user_recipes() / "mine.toml"
    assert load_recipe("mine") == load_recipe(name)
    assert recipe_names()[-1] == "mine"


def test_saving_never_overwrites_unasked_and_takes_no_strange_name() -> None:
    recipe = load_recipe("softmax")
    save_recipe("mine", recipe)
    for name in ("mine", "softmax", "mlp", "../mine", "", "a/b", "con", "COM1.x", "x" * 90, ".hidden", "ends."):
        with pytest.raises(DigitpadError):
            save_recipe(name, recipe)
    changed = with_settings(recipe, ["epochs=2"])
    save_recipe("mine", changed, replace=True)
    assert load_recipe("mine") == changed
    assert [path.name for path in user_recipes().iterdir() if path.name != ".lock"] == ["mine.toml"]


def test_a_broken_recipe_of_the_users_is_listed_with_its_problem() -> None:
    user_recipes().mkdir(parents=True)
    (user_recipes() / "bad.toml").write_text("title = 1", encoding="utf-8")
    # What ships cannot be replaced by a file of the same name.
    (user_recipes() / "softmax.toml").write_text("nonsense", encoding="utf-8")
    broken = list_recipes()[-1]
    assert (broken.name, broken.recipe, broken.is_shipped) == ("bad", None, False)
    assert "bad.toml" in broken.problem
    assert load_recipe("softmax").title == "Softmax regression"


def test_settings_reach_every_section() -> None:
    settings = ["epochs=3", "hidden=100,50", "dropout=0", "rotation=5", "dataset=digits", "optimizer=sgd"]
    recipe = with_settings(load_recipe("mlp"), settings)
    assert recipe.training.epochs == 3
    assert recipe.model == MLPSpec(hidden=(100, 50), dropout=0.0, normalisation=load_recipe("mlp").model.normalisation)
    assert recipe.training.augmentation.rotation == 5
    assert recipe.dataset == "digits"
    assert with_settings(load_recipe("mlp"), ["model=softmax"]).model == SoftmaxSpec()
    assert with_settings(load_recipe("mlp"), ["hidden=[]"]).model.hidden == ()  # type: ignore[union-attr]


def test_leaving_out_suspect_labels_is_asked_for_and_saved() -> None:
    assert not any(load_recipe(name).leave_out_suspects for name in recipe_names())
    recipe = with_settings(load_recipe("mlp"), ["leave_out_suspects=true"])
    save_recipe("mine", recipe)
    assert load_recipe("mine").leave_out_suspects
    assert not with_settings(recipe, ["leave_out_suspects=false"]).leave_out_suspects


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
        ("batch_size=0", "batch_size: a whole number of 1 or more, or 'full'"),
        ("momentum=0.9", "momentum: only SGD"),
        ("loss=binary-cross-entropy", "loss: .*sigmoid"),
        ("engine=numpy", "NumPy engine"),
        ("slips=relu-derivative", "only the NumPy engine has slips"),
        ("dataset=digits-8x8", "model.inputs: .*8 x 8"),
        ("dataset=xor", "model.inputs"),
        ("outputs=1", "model.outputs"),
        ("leave_out_suspects=some", "leave_out_suspects: .*boolean"),
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
        ('title = "x"\nmodel = {kind = "mlp"}\n[training]\nnesterov = true', "nesterov: "),
        ('title = "x"\nmodel = "mlp"', "model"),
        ('title = "x"\nmodel = {kind = "cnn"}\nengine = "numpy"', "no convolutions"),
        ('title = "x"\nmodel = {kind = "mlp"}\n[published]\nepochs = [1, 2]\ntest_loss = [1]', "published.test_loss"),
        ("a = " + "[" * 5000, "not TOML"),
    ],
)
def test_a_wrong_file_is_named_with_key_and_what_is_allowed(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DigitpadError, match=rf"mine\.toml.*{reason}"):
        load_recipe(str(path))


def test_unknown_names_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="choose one of softmax, mlp-fast"):
        load_recipe("resnet")
    with pytest.raises(DigitpadError, match="does not exist"):
        load_recipe(str(tmp_path / "none.toml"))

"""The training form without widgets: values, rules, and the recipe they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.training.recipe_files import list_recipes, load_recipe, recipe_names
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.train.form.help_texts import choice_texts, field_texts
from digitpad.gui.train.form.linked_fields import initial_values, with_change
from digitpad.gui.train.form.rules import choice_problem, disabled_reason, is_shown
from digitpad.gui.train.form.validation import WHOLE_FORM, FormResult, changed_keys, find_entry, spec_of, validate
from digitpad.gui.train.form.values import AUGMENTATION, FIELDS, Values, number_text, parse_value


def edited(recipe: Recipe, *edits: tuple[str, str | bool]) -> Values:
    values = initial_values(recipe)
    for key, value in edits:
        values = with_change(values, key, value, recipe)
    return values


def made(name: str, *edits: tuple[str, str | bool]) -> FormResult:
    recipe = load_recipe(name)
    return validate(edited(recipe, *edits), recipe)


def recipe_from(name: str, *edits: tuple[str, str | bool]) -> Recipe:
    result = made(name, *edits)
    assert result.recipe is not None, result.problems
    return result.recipe


@pytest.mark.parametrize("name", recipe_names())
def test_an_unchanged_recipe_stays_as_it_is(name: str) -> None:
    recipe = load_recipe(name)
    assert validate(initial_values(recipe), recipe) == FormResult(recipe, {})
    assert not changed_keys(initial_values(recipe), recipe)
    assert spec_of(initial_values(recipe)) == recipe.model


def test_settings_without_effect_are_kept_in_an_unchanged_recipe() -> None:
    recipe = with_settings(load_recipe("sigmoid-mlp-mse"), ["device=cpu", "precision=auto"])
    assert validate(initial_values(recipe), recipe).recipe == recipe


@pytest.mark.parametrize("number", [0.001, 3.0, 1e-5, 0.1307, 2.5e-10, 100.0])
def test_a_number_is_written_in_short_form_and_parsed_back(number: float) -> None:
    assert parse_value("training.learning_rate", number_text(number)) == number
    assert len(number_text(number)) <= 7


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_parsed_back(number: float) -> None:
    assert parse_value("training.learning_rate", number_text(number)) == number


@pytest.mark.parametrize(
    ("key", "text", "meaning"),
    [
        ("training.learning_rate", "1e-3", 0.001),
        ("training.learning_rate", " 0,1 ", 0.1),
        ("training.batch_size", "Full", "full"),
        ("training.batch_size", "1,000", 1000),
        ("model.hidden", "512, 256", (512, 256)),
        ("model.hidden", "512 256,", (512, 256)),
        ("model.hidden", "", ()),
        ("train_first", "", None),
        ("train_first", "1000", 1000),
        ("training.patience", "", 0),
    ],
)
def test_texts_are_parsed(key: str, text: str, meaning: object) -> None:
    assert parse_value(key, text) == meaning


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("training.learning_rate", "fast"),
        ("training.learning_rate", "0"),
        ("training.learning_rate", "nan"),
        ("training.learning_rate", "inf"),
        ("training.learning_rate", ""),
        ("training.epochs", "0"),
        ("training.epochs", ""),
        ("training.batch_size", "half"),
        ("training.batch_size", "0"),
        ("model.hidden", "512, -3"),
        ("model.hidden", "512, wide"),
        ("model.hidden", "1,2,3,4,5,6,7,8,9"),
        ("model.normalisation.std", "0"),
        ("train_first", "0"),
        ("training.seed", "-1"),
        ("model.dropout", "1"),
    ],
)
def test_an_invalid_text_is_explained_by_the_allowed_values(key: str, text: str) -> None:
    result = made("mlp-fast", (key, text))
    assert result.recipe is None
    assert dict(result.problems) == {key: FIELDS[key].allowed}


def test_all_problems_are_reported_at_once() -> None:
    problems = made("mlp-fast", ("training.learning_rate", "x"), ("training.epochs", "0")).problems
    assert set(problems) == {"training.learning_rate", "training.epochs"}


def test_a_rule_of_core_is_reported_at_its_field() -> None:
    result = made("softmax-sgd-100", ("training.nesterov", True))
    assert result == FormResult(None, {"training.nesterov": "needs a momentum above 0"})


def test_a_problem_of_no_field_is_reported_for_the_form() -> None:
    recipe = load_recipe("mlp-fast")
    values = {**initial_values(recipe), "engine": "numpy", "model.kind": "cnn"}
    assert "CNN" in validate(values, recipe).problems["engine"]
    odd = {**initial_values(recipe), "model.kind": "cnn", "dataset": "xor"}
    assert "“xor” has images of" in validate(odd, recipe).problems[WHOLE_FORM]


def test_unused_fields_are_not_validated() -> None:
    assert made("mlp-fast", ("model.hidden", "nonsense"), ("model.kind", "cnn")).recipe is not None


@pytest.mark.parametrize(
    ("loss", "output"), [("binary-cross-entropy", "sigmoid"), ("mse", "sigmoid"), ("sse", "linear")]
)
def test_the_output_follows_the_loss(loss: str, output: str) -> None:
    there = recipe_from("mlp-fast", ("training.loss", loss))
    assert isinstance(there.model, MLPSpec)
    assert there.model.output == output
    assert recipe_from("mlp-fast", ("training.loss", loss), ("training.loss", "cross-entropy")) == load_recipe(
        "mlp-fast"
    )


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("dataset", ["xor", "digits-8x8", "kmnist", "mnist"])
def test_every_recipe_works_with_every_data_set(name: str, dataset: str) -> None:
    recipe = recipe_from(name, ("dataset", dataset))
    assert recipe.dataset == dataset
    assert recipe_from(name, ("dataset", dataset), ("dataset", load_recipe(name).dataset)) == load_recipe(name)


def test_xor_sets_its_model_and_other_data_sets_set_ten_outputs() -> None:
    xor = recipe_from("cnn-fast", ("dataset", "xor"))
    assert isinstance(xor.model, MLPSpec)
    assert (xor.model.inputs, xor.model.outputs, xor.model.output) == ((1, 2), 1, "sigmoid")
    assert xor.training.loss == "binary-cross-entropy"
    mnist = recipe_from("xor-mlp", ("dataset", "mnist"))
    assert isinstance(mnist.model, MLPSpec)
    assert (mnist.model.inputs, mnist.model.outputs, mnist.model.output) == ((28, 28), 10, "softmax")


def test_the_8x8_digits_set_their_size_and_normalisation() -> None:
    recipe = recipe_from("mlp-best", ("dataset", "digits-8x8"))
    assert isinstance(recipe.model, MLPSpec)
    assert recipe.model.inputs == (8, 8)
    assert recipe.model.normalisation.std == 0.0625
    assert not recipe.training.augmentation


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("kind", ["softmax", "mlp", "cnn"])
def test_every_enabled_model_type_makes_a_recipe(name: str, kind: str) -> None:
    base = load_recipe(name)
    if not choice_problem("model.kind", kind, initial_values(base)):
        spec = recipe_from(name, ("model.kind", kind)).model
        assert isinstance(spec, {"softmax": SoftmaxSpec, "mlp": MLPSpec, "cnn": CNNSpec}[kind])


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("key", [key for key, field in FIELDS.items() if field.kind == "choice" and key != "dataset"])
def test_no_enabled_choice_makes_the_form_invalid(name: str, key: str) -> None:
    base = load_recipe(name)
    values = initial_values(base)
    if not is_shown(key, values) or disabled_reason(key, values):
        return
    for choice in choice_texts()[key]:
        if not choice_problem(key, choice, values):
            assert not validate(with_change(values, key, choice, base), base).problems, choice


def test_numpy_replaces_unsupported_settings_and_pytorch_restores_them() -> None:
    by_hand = recipe_from("mlp-best", ("engine", "numpy"))
    assert (by_hand.training.optimizer, by_hand.training.schedule) == ("sgd", "constant")
    assert by_hand.training.learning_rate == 0.1
    assert not by_hand.training.augmentation
    back = recipe_from("mlp-best", ("engine", "numpy"), ("engine", "torch"))
    assert back == load_recipe("mlp-best")


def test_a_cnn_and_numpy_exclude_each_other() -> None:
    assert "no convolutions" in choice_problem("engine", "numpy", initial_values(load_recipe("cnn-fast")))
    assert "no convolutions" in choice_problem("model.kind", "cnn", initial_values(load_recipe("sigmoid-mlp-ce")))


def test_adam_removes_the_momentum() -> None:
    with_momentum = (("training.optimizer", "sgd"), ("training.momentum", "0.9"), ("training.nesterov", True))
    assert recipe_from("mlp-fast", *with_momentum).training.momentum == 0.9
    values = edited(load_recipe("mlp-fast"), *with_momentum, ("training.optimizer", "adam"))
    assert values["training.momentum"] == "0"
    assert "only SGD" in disabled_reason("training.momentum", values)


def test_augmentation_starts_with_the_default_distortions() -> None:
    recipe = recipe_from("mlp-fast", (AUGMENTATION, True))
    assert recipe.training.augmentation == load_recipe("mlp-best").training.augmentation
    assert not recipe_from("mlp-best", (AUGMENTATION, False)).training.augmentation


def test_published_results_stay_while_they_are_comparable() -> None:
    published = load_recipe("sigmoid-mlp-mse").published
    assert recipe_from("sigmoid-mlp-mse", ("training.learning_rate", "1")).published == published
    assert not recipe_from("sigmoid-mlp-mse", ("training.loss", "sse")).published.epochs
    assert not recipe_from("sigmoid-mlp-mse", ("dataset", "kmnist")).published.epochs


def test_only_fields_with_another_value_count_as_changed() -> None:
    recipe = load_recipe("mlp-fast")
    assert changed_keys(edited(recipe, ("training.learning_rate", "6e-3")), recipe) == []
    assert changed_keys(edited(recipe, ("training.epochs", "7")), recipe) == ["training.epochs"]


def test_a_recipe_is_found_by_name_content_or_title() -> None:
    entries = list_recipes()
    known = load_recipe("mlp-fast")
    for recipe, name in ((known, "mlp-fast"), (known, ""), (with_settings(known, ["epochs=1"]), "")):
        found = find_entry(recipe, name, entries)
        assert found is not None
        assert found.name == "mlp-fast"
    assert find_entry(Recipe(title="another", model=SoftmaxSpec()), "", entries) is None


def test_every_field_and_choice_has_texts() -> None:
    texts = field_texts()
    assert set(texts) == set(FIELDS)
    assert all(text.label and text.tip.endswith(".") for text in texts.values())
    assert set(choice_texts()) == {k for k, field in FIELDS.items() if field.kind == "choice"} - {"dataset"}

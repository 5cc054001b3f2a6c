"""What the training form knows without a widget: values, what goes together, and the recipe they make."""

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
    judgement = made(name, *edits)
    assert judgement.recipe is not None, judgement.problems
    return judgement.recipe


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_that_nobody_changes_comes_back_as_it_was(name: str) -> None:
    recipe = load_recipe(name)
    assert validate(initial_values(recipe), recipe) == FormResult(recipe, {})
    assert not changed_keys(initial_values(recipe), recipe)
    assert spec_of(initial_values(recipe)) == recipe.model


def test_what_has_no_effect_is_kept_as_long_as_nothing_is_changed() -> None:
    recipe = with_settings(load_recipe("sigmoid-mlp-mse"), ["device=cpu", "precision=auto"])
    assert validate(initial_values(recipe), recipe).recipe == recipe


@pytest.mark.parametrize("number", [0.001, 3.0, 1e-5, 0.1307, 2.5e-10, 100.0])
def test_a_number_is_short_and_is_read_back_as_it_was(number: float) -> None:
    assert parse_value("training.learning_rate", number_text(number)) == number
    assert len(number_text(number)) <= 7


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_back_as_it_was(number: float) -> None:
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
def test_texts_mean_what_people_mean_by_them(key: str, text: str, meaning: object) -> None:
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
def test_a_wrong_text_makes_no_recipe_and_says_what_is_allowed(key: str, text: str) -> None:
    judgement = made("mlp-fast", (key, text))
    assert judgement.recipe is None
    assert dict(judgement.problems) == {key: FIELDS[key].allowed}


def test_all_that_is_wrong_is_told_at_once() -> None:
    problems = made("mlp-fast", ("training.learning_rate", "x"), ("training.epochs", "0")).problems
    assert set(problems) == {"training.learning_rate", "training.epochs"}


def test_a_rule_between_fields_is_told_at_its_field_in_cores_words() -> None:
    judgement = made("softmax-sgd-100", ("training.nesterov", True))
    assert judgement == FormResult(None, {"training.nesterov": "it needs a momentum above 0"})


def test_what_no_field_has_done_is_told_of_the_whole_form() -> None:
    recipe = load_recipe("mlp-fast")
    values = {**initial_values(recipe), "engine": "numpy", "model.kind": "cnn"}
    assert "CNN" in validate(values, recipe).problems["engine"]
    odd = {**initial_values(recipe), "model.kind": "cnn", "dataset": "xor"}
    assert "'xor' has images of" in validate(odd, recipe).problems[WHOLE_FORM]


def test_what_does_not_apply_cannot_be_wrong() -> None:
    assert made("mlp-fast", ("model.hidden", "nonsense"), ("model.kind", "cnn")).recipe is not None


@pytest.mark.parametrize(
    ("loss", "output"), [("binary-cross-entropy", "sigmoid"), ("mse", "sigmoid"), ("sse", "linear")]
)
def test_the_output_follows_the_loss_and_back(loss: str, output: str) -> None:
    there = recipe_from("mlp-fast", ("training.loss", loss))
    assert isinstance(there.model, MLPSpec)
    assert there.model.output == output
    assert recipe_from("mlp-fast", ("training.loss", loss), ("training.loss", "cross-entropy")) == load_recipe(
        "mlp-fast"
    )


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("dataset", ["xor", "digits-8x8", "kmnist", "mnist"])
def test_every_recipe_can_be_taken_to_every_data_set(name: str, dataset: str) -> None:
    recipe = recipe_from(name, ("dataset", dataset))
    assert recipe.dataset == dataset
    assert recipe_from(name, ("dataset", dataset), ("dataset", load_recipe(name).dataset)) == load_recipe(name)


def test_xor_brings_its_model_and_leaving_it_brings_ten_outputs() -> None:
    xor = recipe_from("cnn-fast", ("dataset", "xor"))
    assert isinstance(xor.model, MLPSpec)
    assert (xor.model.inputs, xor.model.outputs, xor.model.output) == ((1, 2), 1, "sigmoid")
    assert xor.training.loss == "binary-cross-entropy"
    mnist = recipe_from("xor-mlp", ("dataset", "mnist"))
    assert isinstance(mnist.model, MLPSpec)
    assert (mnist.model.inputs, mnist.model.outputs, mnist.model.output) == ((28, 28), 10, "softmax")


def test_the_raw_digits_bring_their_size_and_their_values() -> None:
    recipe = recipe_from("mlp-best", ("dataset", "digits-8x8"))
    assert isinstance(recipe.model, MLPSpec)
    assert recipe.model.inputs == (8, 8)
    assert recipe.model.normalisation.std == 0.0625
    assert not recipe.training.augmentation


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("kind", ["softmax", "mlp", "cnn"])
def test_every_kind_of_model_that_can_be_chosen_makes_a_recipe(name: str, kind: str) -> None:
    base = load_recipe(name)
    if not choice_problem("model.kind", kind, initial_values(base)):
        spec = recipe_from(name, ("model.kind", kind)).model
        assert isinstance(spec, {"softmax": SoftmaxSpec, "mlp": MLPSpec, "cnn": CNNSpec}[kind])


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("key", [key for key, field in FIELDS.items() if field.kind == "choice" and key != "dataset"])
def test_no_choice_that_is_offered_makes_a_form_that_is_wrong(name: str, key: str) -> None:
    base = load_recipe(name)
    values = initial_values(base)
    if not is_shown(key, values) or disabled_reason(key, values):
        return
    for choice in choice_texts(str)[key]:
        if not choice_problem(key, choice, values):
            assert not validate(with_change(values, key, choice, base), base).problems, choice


def test_numpy_takes_what_it_has_and_pytorch_gives_it_back() -> None:
    by_hand = recipe_from("mlp-best", ("engine", "numpy"))
    assert (by_hand.training.optimizer, by_hand.training.schedule) == ("sgd", "constant")
    assert by_hand.training.learning_rate == 0.1
    assert not by_hand.training.augmentation
    back = recipe_from("mlp-best", ("engine", "numpy"), ("engine", "torch"))
    assert back == load_recipe("mlp-best")


def test_a_cnn_and_numpy_exclude_each_other_with_a_reason() -> None:
    assert "no convolutions" in choice_problem("engine", "numpy", initial_values(load_recipe("cnn-fast")))
    assert "no convolutions" in choice_problem("model.kind", "cnn", initial_values(load_recipe("sigmoid-mlp-ce")))


def test_momentum_is_sgds_and_is_gone_with_adam() -> None:
    with_momentum = (("training.optimizer", "sgd"), ("training.momentum", "0.9"), ("training.nesterov", True))
    assert recipe_from("mlp-fast", *with_momentum).training.momentum == 0.9
    values = edited(load_recipe("mlp-fast"), *with_momentum, ("training.optimizer", "adam"))
    assert values["training.momentum"] == "0"
    assert "only SGD" in disabled_reason("training.momentum", values)


def test_switching_augmentation_on_distorts_by_what_is_usual() -> None:
    recipe = recipe_from("mlp-fast", (AUGMENTATION, True))
    assert recipe.training.augmentation == load_recipe("mlp-best").training.augmentation
    assert not recipe_from("mlp-best", (AUGMENTATION, False)).training.augmentation


def test_published_figures_stay_only_as_long_as_they_compare() -> None:
    published = load_recipe("sigmoid-mlp-mse").published
    assert recipe_from("sigmoid-mlp-mse", ("training.learning_rate", "1")).published == published
    assert not recipe_from("sigmoid-mlp-mse", ("training.loss", "sse")).published.epochs
    assert not recipe_from("sigmoid-mlp-mse", ("dataset", "kmnist")).published.epochs


def test_what_was_changed_is_named_and_a_number_written_otherwise_is_no_change() -> None:
    recipe = load_recipe("mlp-fast")
    assert changed_keys(edited(recipe, ("training.learning_rate", "6e-3")), recipe) == []
    assert changed_keys(edited(recipe, ("training.epochs", "7")), recipe) == ["training.epochs"]


def test_a_recipe_from_elsewhere_is_found_by_name_content_or_title() -> None:
    entries = list_recipes()
    known = load_recipe("mlp-fast")
    for recipe, name in ((known, "mlp-fast"), (known, ""), (with_settings(known, ["epochs=1"]), "")):
        found = find_entry(recipe, name, entries)
        assert found is not None
        assert found.name == "mlp-fast"
    assert find_entry(Recipe(title="another", model=SoftmaxSpec()), "", entries) is None


def test_every_field_and_choice_has_its_words() -> None:
    words = field_texts(str)
    assert set(words) == set(FIELDS)
    assert all(word.label and word.tip.endswith(".") for word in words.values())
    assert set(choice_texts(str)) == {k for k, field in FIELDS.items() if field.kind == "choice"} - {"dataset"}

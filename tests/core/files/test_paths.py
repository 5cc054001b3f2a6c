"""The user's folders, also without a home folder."""

from pathlib import Path

import pytest

from digitpad.core.datasets.suspect_labels import put_marks, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_folder, user_recipes, user_runs
from digitpad.core.models.model_files import list_models
from digitpad.core.runs.run_library import list_runs, purge_deleted
from digitpad.core.training.recipe_files import load_recipe, recipe_names, save_recipe


@pytest.fixture(params=["unknown", "~ not replaced"])
def no_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No home folder, as newer and older versions of platformdirs report it."""

    def unknown(*_: object, **__: object) -> str:
        if request.param == "unknown":
            raise RuntimeError("could not determine the home directory")
        return "~/.local/share/digitpad"

    for name in ("user_data_dir", "user_config_dir"):
        monkeypatch.setattr(f"platformdirs.{name}", unknown)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("no_home")
def test_without_a_home_folder_only_shipped_files_exist() -> None:
    assert len(list_models()) == 3
    assert "cnn-best" in recipe_names()
    assert list_runs() == []
    assert read_marks() == ()
    purge_deleted()


@pytest.mark.usefixtures("no_home")
def test_without_a_home_folder_saving_reports_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="set HOME"):
        save_recipe("mine", load_recipe("softmax"))
    with pytest.raises(DigitpadError, match="set HOME"):
        put_marks([])
    assert all(place.is_absolute() for place in (user_folder(), user_runs(), user_recipes()))
    assert list(tmp_path.iterdir()) == [], "a folder named ~"

"""The user's folders, also without a home folder."""

import os
import stat
from pathlib import Path

import pytest

from digitpad.core.datasets.suspect_labels import put_marks, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import close_to_others, make_folder, user_folder, user_recipes, user_runs
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


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_the_users_folders_are_for_nobody_else(tmp_path: Path) -> None:
    previous = os.umask(0o022)
    try:
        make_folder(user_runs() / "a")
        save_recipe("own", load_recipe("softmax"))
        make_folder(tmp_path / "shared" / "folder")
    finally:
        os.umask(previous)
    assert [mode(user_folder()), mode(user_recipes().parent)] == [0o700, 0o700]
    assert mode(tmp_path / "shared" / "folder") == 0o755


@posix
def test_folders_of_an_earlier_version_are_closed_to_others() -> None:
    close_to_others()
    assert not user_folder().exists()
    user_folder().mkdir(parents=True)
    user_folder().chmod(0o755)
    close_to_others()
    assert mode(user_folder()) == 0o700

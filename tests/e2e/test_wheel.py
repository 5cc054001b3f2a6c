"""The wheel is complete: it is built, installed in a new virtual environment and used from there."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from digitpad.core.training.recipe_files import recipe_names

ROOT = Path(__file__).resolve().parents[2]

SMOKE = """
import json, sys
from digitpad.core.files.paths import ASSETS
from digitpad.core.training.recipe_files import load_recipe, recipe_names
from digitpad.core.models.model_files import list_models, load_model
models = [load_model(entry.path).card.name for entry in list_models()]
recipes = [load_recipe(name).title for name in recipe_names()]
from PySide6.QtWidgets import QApplication
app = QApplication([])
from digitpad.gui.theme.icons import app_icon, line_icon, register_assets
from digitpad.gui.theme.theme import Appearance, Themes
register_assets()
themes = Themes(app)
grounds = []
for appearance in (Appearance.LIGHT, Appearance.DARK):
    themes.set_appearance(appearance)
    grounds.append(app.palette().window().color().name())
icons = [icon.pixmap(24, 24).toImage().pixelColor(12, 12).isValid() for icon in (app_icon(), line_icon("undo"))]
print(json.dumps({"assets": str(ASSETS), "models": models, "recipes": len(recipes), "grounds": grounds, "icons": icons,
                  "style": len(app.styleSheet())}))
"""


@pytest.mark.slow
def test_the_installed_wheel_has_models_icons_and_themes(tmp_path: Path, user_folder: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    needed = (
        "models/cnn.safetensors",
        "detector/detector.safetensors",
        "guide/ko/draw.md",
        "guide/pictures/ko/draw.png",
    )
    assert {f"digitpad/assets/{name}" for name in needed} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "assets/"))]

    home = tmp_path / "venv"
    venv.create(home)  # uv installs into it: to give it a pip of its own takes seconds
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # Downloading torch again would take minutes: the libraries come from this environment, digitpad does not.
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    (Path(site.strip()) / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        python,
        wheel,
    ]
    subprocess.run(install, check=True, timeout=120)

    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONPATH", None)
    smoke = subprocess.run(
        [python, "-c", SMOKE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert smoke.returncode == 0, smoke.stderr
    found = json.loads(smoke.stdout)
    assert Path(found["assets"]).is_relative_to(home)
    assert found["models"] == ["softmax", "mlp", "cnn"]
    assert found["recipes"] == len(recipe_names())
    assert found["icons"] == [True, True]
    assert found["grounds"][0] != found["grounds"][1]
    assert found["style"] > 1000

    command = home / ("Scripts/digitpad.exe" if os.name == "nt" else "bin/digitpad")
    listed = subprocess.run([command, "models"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    assert listed.stdout.count("shipped") == 3

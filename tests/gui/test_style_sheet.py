"""The style sheet names classes of the window; a renamed class must not lose its style."""

import re
from pathlib import Path

import pytest

import digitpad.gui
from digitpad.gui.theme.icons import read_text


@pytest.mark.usefixtures("themes")
def test_every_class_in_the_style_sheet_exists() -> None:
    rules = re.sub(r"/\*.*?\*/|\{.*?\}", "", read_text("themes/style.qss"), flags=re.DOTALL)
    named = {name for name in re.findall(r"(?<![\w#.\"])[A-Z]\w+", rules) if not name.startswith("Q")}
    sources = [path.read_text("utf-8") for path in Path(digitpad.gui.__path__[0]).rglob("*.py")]
    classes = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.MULTILINE)}
    assert named <= classes

"""The documents name files that exist."""

import re

import pytest

from tests.conftest import ROOT

_DOCUMENTS = [
    "README.md",
    "README.ko.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
]
_IN_BACKTICKS = re.compile(r"`((?:digitpad|core|gui|assets|scripts|tests|docs)/[\w./-]*)`")
_LINKS = re.compile(r"\]\((?!https?:)([^)#]+)\)")


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_every_path_and_link_in_a_document_exists(name: str) -> None:
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    paths = [
        ROOT / ("digitpad/" + path if path.startswith(("core/", "gui/")) else path)
        for path in _IN_BACKTICKS.findall(text)
    ]
    paths += [document.parent / link for link in _LINKS.findall(text)]
    assert [str(path) for path in paths if not path.exists()] == []

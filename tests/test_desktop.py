"""digitpad on a Linux desktop: the menu entry, its icon and its kinds of files."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from digitpad import __version__
from digitpad.commands.desktop import install, uninstall
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="only Linux has such desktops")

METAINFO = ASSETS / "desktop" / "digitpad.metainfo.xml"


@pytest.fixture
def data_home(user_folder: Path) -> Path:
    return user_folder / "data"


def fields(entry: Path) -> dict[str, str]:
    first, *lines = entry.read_text(encoding="utf-8").splitlines()
    assert first == "[Desktop Entry]"
    return dict(line.split("=", 1) for line in lines)


def script(path: Path, lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)


def test_the_entry_the_icon_and_the_kinds_of_files_are_added_and_removed(data_home: Path) -> None:
    (data_home / "applications").mkdir(parents=True)
    other = data_home / "applications" / "other.desktop"
    other.write_text("[Desktop Entry]", encoding="utf-8")
    entry = install()
    assert entry == data_home / "applications" / "digitpad.desktop"
    assert (data_home / "icons/hicolor/scalable/apps/digitpad.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "*.safetensors" in (data_home / "mime/packages/digitpad.xml").read_text(encoding="utf-8")
    assert install() == entry  # a second time replaces the first

    assert uninstall()
    assert not [path for path in data_home.rglob("*digitpad*") if path.is_file()]
    assert other.is_file()
    assert not uninstall()


def test_the_entry_has_what_the_specification_asks_for() -> None:
    found = fields(install())
    assert found["Type"] == "Application"
    assert found["Name"] == "digitpad"
    assert found["Icon"] == "digitpad"
    assert found["Exec"].endswith(" %F")
    assert Path(found["TryExec"]).is_file()
    lists = ("Categories", "Keywords", "MimeType")
    assert all(found[key].endswith(";") for key in lists)
    kinds = ET.parse(ASSETS / "desktop" / "digitpad.xml").getroot()  # noqa: S314 - our own file
    own = {kind.get("type") for kind in kinds}
    assert own <= set(found["MimeType"].split(";"))


def test_the_command_of_the_entry_starts_this_digitpad_also_from_a_folder_with_odd_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'a "b" $c `d` \\e 100% 한글'
    script(folder / "digitpad", 'printf "%s\\n" "$@"')
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    line = fields(install())["Exec"]
    # As the specification says: first the escapes of all values, then those inside quotes, then the % codes.
    quoted = re.sub(r"\\\\", r"\\", line)
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)]
    assert [word.replace("%%", "%") for word in words] == [str(folder / "digitpad")]
    assert quoted.endswith('" %F')


def test_without_a_script_of_the_environment_its_python_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert fields(install())["Exec"] == f'"{tmp_path / "python"}" "-m" "digitpad" %F'


@pytest.mark.parametrize("fails", [False, True])
def test_the_indices_are_renewed_by_the_programs_that_are_there(
    fails: bool, data_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("update-mime-database", "update-desktop-database"):
        script(tmp_path / "bin" / name, f'echo "$0 $1" >> {tmp_path}/called; echo noise >&2; exit {int(fails)}')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    install()
    uninstall()
    called = (tmp_path / "called").read_text(encoding="utf-8").splitlines()
    expected = [
        f"{tmp_path}/bin/update-mime-database {data_home}/mime",
        f"{tmp_path}/bin/update-desktop-database {data_home}/applications",
    ]
    assert called == expected * 2
    assert capfd.readouterr() == ("", "")


def test_without_these_programs_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert install().is_file()


def test_a_folder_that_cannot_be_written_is_one_sentence(data_home: Path) -> None:
    data_home.mkdir()
    (data_home / "applications").write_text("in the way", encoding="utf-8")
    with pytest.raises(DigitpadError, match=r"applications.* cannot be written"):
        install()


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_on_other_systems_one_sentence_says_what_to_do(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.commands.desktop.sys.platform", system)
    with pytest.raises(DigitpadError, match="pin digitpad to"):
        install()


def test_the_command_line_adds_and_removes_it(data_home: Path) -> None:
    def run(option: str) -> str:
        command = [sys.executable, "-m", "digitpad", option]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stderr

    assert str(data_home / "applications/digitpad.desktop") in run("--install-desktop")
    assert "removed" in run("--uninstall-desktop")
    assert "nothing to remove" in run("--uninstall-desktop")


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not installed")
def test_the_entry_is_valid() -> None:
    done = subprocess.run(
        ["desktop-file-validate", str(install())], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("update-mime-database"), reason="shared-mime-info is not installed")
def test_the_kinds_of_files_are_valid(data_home: Path) -> None:
    install()
    done = subprocess.run(
        ["update-mime-database", str(data_home / "mime")], capture_output=True, text=True, check=True, timeout=60
    )
    assert "error" not in done.stderr.lower()
    globs = (data_home / "mime/globs2").read_text(encoding="utf-8")
    assert "50:application/x-safetensors:*.safetensors" in globs
    # Below 50: files of other programs keep their kind.
    assert "40:application/x-digitpad-ink:*.jsonl" in globs


def test_the_metainfo_is_complete_and_of_this_version() -> None:
    root = ET.parse(METAINFO).getroot()  # noqa: S314 - our own file
    assert root.get("type") == "desktop-application"
    names = {child.tag for child in root}
    assert {"id", "metadata_license", "project_license", "name", "summary", "description", "launchable"} <= names
    assert root.findtext("launchable") == "digitpad.desktop"
    release = root.find("releases/release")
    assert release is not None
    assert release.get("version") == __version__


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="appstream is not installed")
def test_the_metainfo_is_valid() -> None:
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", str(METAINFO)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout

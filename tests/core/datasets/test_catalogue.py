"""The catalogue of data sets: entries, states and downloads."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from digitpad.core.datasets import download as downloads
from digitpad.core.datasets.catalogue import (
    DatasetState,
    catalogue,
    download_dataset,
    entry_of,
    megabytes,
    sizes_of,
    state_of,
)
from digitpad.core.datasets.download import Resource, Source
from digitpad.core.datasets.emnist_archive import ARCHIVE
from digitpad.core.datasets.loading import KEYS, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.idx_sets import PARTS, SETS
from tests.helpers.idx_files import gzipped, names_in, set_files, write_files
from tests.helpers.web_server import Server, run_server, sha256_of

READY = DatasetState(is_ready=True, sentence="ready")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Stand in for every set's own server."""
    with run_server() as server:

        def source(key: str) -> Source:
            del key
            files = (Resource(name, sha256_of(content), len(content)) for name, content in server.files.items())
            return Source((server.mirror,), tuple(files))

        monkeypatch.setattr(downloads, "source_of", source)
        yield server


def archive_of(files: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in files.items():
            archive.writestr(f"gzip/{name}", member)
    return content.getvalue()


def test_the_catalogue_names_every_set_and_its_size() -> None:
    sizes = {entry.key: (entry.title, entry.training, entry.test, entry.download) for entry in catalogue()}
    assert sizes == {
        "mnist": ("MNIST", 60_000, 10_000, 11_594_722),
        "fashion-mnist": ("Fashion-MNIST", 60_000, 10_000, 30_878_645),
        "kmnist": ("KMNIST", 60_000, 10_000, 21_240_888),
        "qmnist": ("QMNIST", 60_000, 60_000, 20_436_162),
        "emnist-digits": ("EMNIST digits", 240_000, 40_000, 561_753_746),
        "my-digits": ("My digits", 0, 0, 0),
        "digits": ("Built-in digits", 1_437, 360, 0),
        "digits-8x8": ("Built-in digits, 8x8", 1_797, 1_797, 0),
        "xor": ("XOR", 4, 4, 0),
        "and": ("AND", 4, 4, 0),
        "nand": ("NAND", 4, 4, 0),
        "or": ("OR", 4, 4, 0),
    }
    assert all(entry.description.endswith(".") for entry in catalogue())


@pytest.mark.parametrize("key", ["digits", "digits-8x8", "xor"])
def test_built_in_sets_have_as_many_images_as_the_catalogue_says(key: str, tmp_path: Path) -> None:
    entry = entry_of(key)
    assert (len(load_digits(key, "train", tmp_path)), len(load_digits(key, "test", tmp_path))) == (
        entry.training,
        entry.test,
    )
    assert state_of(key, tmp_path) == READY


def test_an_entry_is_found_by_key_and_created_for_a_path(tmp_path: Path) -> None:
    assert entry_of("kmnist").title == "KMNIST"
    assert entry_of(str(tmp_path / "mine" / "raw")).title == "mine"
    assert entry_of("strokes/mine.jsonl.gz").title == "mine.jsonl.gz"
    assert tuple(entry.key for entry in catalogue()) == KEYS
    with pytest.raises(
        DigitpadError,
        match=r"there is no data set “cifar”: choose one of mnist, .*, xor, and, or, nand, or a file or folder",
    ):
        entry_of("cifar")


def test_sizes_are_formatted_in_megabytes() -> None:
    assert [megabytes(entry_of(key).download) for key in ("mnist", "emnist-digits")] == ["11.6 MB", "562 MB"]


@pytest.mark.parametrize("key", SETS)
def test_a_set_is_ready_if_its_four_files_exist(key: str, tmp_path: Path) -> None:
    size = entry_of(key).download
    expected = f"not downloaded ({megabytes(size)})"
    assert state_of(key, tmp_path) == DatasetState(is_ready=False, sentence=expected, download=size)
    write_files(tmp_path / key, set_files(key, parts=("test",)))
    half, absent = state_of(key, tmp_path), ", ".join(SETS[key].stems["train"])
    assert (half.is_ready, half.sentence) == (False, f"{absent} are missing (the set has {megabytes(size)})")
    (tmp_path / key / SETS[key].stems["train"][0]).write_bytes(b"")
    images, labels = SETS[key].stems["train"]
    fewer = state_of(key, tmp_path)
    assert fewer.sentence == f"{labels} is missing (the set has {megabytes(size)})"
    assert fewer.gap == (
        f"{entry_of(key).title} is not complete, {tmp_path / key} lacks {labels}: download it, or copy what is missing "
        "to this folder"
    )
    with pytest.raises(DigitpadError) as caught:
        load_digits(key, "train", tmp_path)
    assert (str(caught.value), caught.value.hint) == (fewer.gap, f"digitpad download {key}")
    assert images not in fewer.gap
    assert len(load_digits(key, "test", tmp_path)) == 12
    write_files(tmp_path / key, set_files(key))
    assert state_of(key, tmp_path) == READY


def test_the_state_of_a_folder_says_what_is_wrong(tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert state_of(str(own), tmp_path).sentence == f"{own} does not exist: check the path"
    write_files(own, {"notes.txt": b""})
    assert "is no data set that can be read: choose a CSV table" in state_of(str(own), tmp_path).sentence
    write_files(own, set_files(parts=("train",)))
    assert "has no test files" in state_of(str(own), tmp_path).sentence
    write_files(own, set_files())
    assert state_of(str(own), tmp_path) == READY
    assert state_of("own", tmp_path) == READY
    write_files(own, set_files("qmnist"))
    assert "holds more than one data set" in state_of(str(own), tmp_path).sentence
    assert state_of(str(own), tmp_path).download == 0


def test_an_ink_file_is_ready_if_it_exists(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    assert state_of(str(path), tmp_path).sentence == f"{path} does not exist: check the name"
    path.touch()
    assert state_of(str(path), tmp_path) == READY


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte", "", "."])
def test_strange_names_have_a_state(name: str, tmp_path: Path) -> None:
    assert not state_of(name, tmp_path).is_ready
    assert not state_of(f"{tmp_path}/{name}/x.jsonl", tmp_path).is_ready


def test_the_catalogue_is_shown_without_loading_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from digitpad.core.datasets.catalogue import catalogue, state_of\n"
        "for entry in catalogue(): state_of(entry.key, Path('nowhere'))\n"
        "print({'torch', 'torchvision', 'sklearn', 'scipy', 'ssl'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize("key", [key for key in SETS if key != "emnist-digits"])
def test_a_downloaded_set_is_ready_and_can_be_read(key: str, server: Server, tmp_path: Path) -> None:
    server.files = gzipped(set_files(key))
    states = list(download_dataset(key, tmp_path))
    assert states[-1].overall_done == states[-1].overall_total == sum(map(len, server.files.values()))
    assert state_of(key, tmp_path) == READY
    assert load_digits(key, "train", tmp_path).labels[:3].tolist() == [0, 1, 2]


def test_only_the_digits_of_emnist_are_kept(server: Server, tmp_path: Path) -> None:
    files = gzipped(set_files("emnist-digits"))
    server.files = {ARCHIVE: archive_of(files | {"emnist-letters-mapping.txt": b""})}
    states = list(download_dataset("emnist-digits", tmp_path))
    assert names_in(tmp_path / "emnist-digits") == sorted(files)
    assert list(dict.fromkeys(state.name for state in states)) == [ARCHIVE, *files]
    assert states[-1].overall_done == states[-1].overall_total > 0
    assert state_of("emnist-digits", tmp_path) == READY
    server.requested.clear()
    assert list(download_dataset("emnist-digits", tmp_path)) == []
    assert server.requested == []


def test_a_valid_archive_is_not_downloaded_again_after_a_later_failure(server: Server, tmp_path: Path) -> None:
    files = gzipped(set_files("emnist-digits"))
    server.files = {ARCHIVE: archive_of(files)}
    progress = download_dataset("emnist-digits", tmp_path)
    for state in progress:
        if state.name != ARCHIVE:
            break
    progress.close()
    assert names_in(tmp_path / "emnist-digits") == [ARCHIVE]
    list(download_dataset("emnist-digits", tmp_path))
    assert server.requested == [ARCHIVE]
    assert state_of("emnist-digits", tmp_path) == READY


def test_cancelling_leaves_no_files(server: Server, tmp_path: Path) -> None:
    server.files = {ARCHIVE: archive_of({"large": bytes(1_000_000)})}
    progress = download_dataset("emnist-digits", tmp_path)
    next(progress)
    progress.close()
    assert names_in(tmp_path) == []


def test_a_set_without_download_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="“digits” cannot be downloaded"):
        list(download_dataset("digits", tmp_path))


def test_the_numbers_of_images_come_from_the_files_or_else_from_the_catalogue(tmp_path: Path) -> None:
    assert sizes_of("mnist", tmp_path) == (60_000, 10_000)
    assert sizes_of("xor", tmp_path) == (4, 4)
    assert sizes_of("my-digits", tmp_path) is None
    assert sizes_of(str(tmp_path / "x.jsonl"), tmp_path) is None
    write_files(tmp_path / "mnist", set_files("mnist"))
    expected = tuple(len(load_digits("mnist", part, tmp_path)) for part in PARTS)
    assert sizes_of("mnist", tmp_path) == sizes_of(str(tmp_path / "mnist"), tmp_path) == expected
    (tmp_path / "mnist" / "t10k-images-idx3-ubyte").unlink(missing_ok=True)
    (tmp_path / "mnist" / "t10k-images-idx3-ubyte.gz").write_bytes(b"damaged")
    assert sizes_of("mnist", tmp_path) == (60_000, 10_000)
    assert sizes_of(str(tmp_path / "mnist"), tmp_path) is None

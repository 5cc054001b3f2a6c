"""Opens files and pixels; `open_sources` runs in a thread."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from digitpad.core.detection.opened_drawing import drawing_of_pixels, open_drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.files.toml_files import SUFFIX as TOML_SUFFIX
from digitpad.core.files.toml_files import read_toml
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.image_files import count_pages
from digitpad.core.models.model_files import FOREIGN, SUFFIX, ModelEntry, load_model
from digitpad.core.runs.run_folder import INFO, read_run
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr

Place = Path | np.ndarray | bytes
Content = Drawing | ModelEntry | Recipe | Path  # a path is that of a lesson


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file with the number of its page, from 1, pixels (h, w, 4) uint8 RGBA, or the content of a picture file."""

    place: Place
    page: int = 1


@dataclass(frozen=True, slots=True)
class Pages:
    """The page of a file that was opened, from 1, of several; `problem` is why it cannot be shown."""

    path: Path
    page: int
    count: int
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What sources contain.

    `pages` is given if the drawing's file has several; `rest` are the drawings after the first, which are not read,
    because the pad shows one; `problem` is why the first of the sources that cannot be opened cannot.
    """

    contents: tuple[Content, ...]
    pages: Pages | None = None
    rest: tuple[Path, ...] = ()
    problem: str = ""


def open_sources(sources: Sequence[Source]) -> Opened:
    """Open the models, runs, recipes and lessons among the sources, and the first drawing that can be opened.

    Raise DigitpadError if none can be opened, and the drawings have no other pages.
    """
    contents: list[Content] = []
    rest: list[Path] = []
    pages, problem = None, ""
    for source in sources:
        if isinstance(source.place, Path) and _is_drawing(source.place) and _has_drawing(contents, pages):
            rest.append(source.place)
            continue
        try:
            content, found = _open(source)
        except DigitpadError as error:
            if len(sources) == 1:
                raise
            problem = problem or str(error)
            continue
        pages = found or pages
        if content is not None:
            contents.append(content)
    if problem and not contents and pages is None:
        raise DigitpadError("{problem}", problem=problem)
    return Opened(tuple(contents), pages, tuple(rest), problem)


def _has_drawing(contents: Sequence[object], pages: Pages | None) -> bool:
    return pages is not None or any(isinstance(content, Drawing) for content in contents)


def _is_drawing(path: Path) -> bool:
    return path.suffix.lower() not in (SUFFIX, *FOREIGN, TOML_SUFFIX) and not is_run_folder(path)


def is_run_folder(path: Path) -> bool:
    """Return whether a path is the folder of a run."""
    return os.path.isfile(path / INFO)  # noqa: PTH113 - Path's raises if access is denied


def _open(source: Source) -> tuple[Content | None, Pages | None]:
    """Return the content of a source, None if only other pages of its file can be shown, and the pages if several."""
    path = source.place
    if isinstance(path, np.ndarray):
        return drawing_of_pixels(path), None
    if isinstance(path, bytes):
        return _drawing_of_content(path), None
    if path.suffix.lower() == TOML_SUFFIX:
        return _recipe_or_lesson(path), None
    if is_run_folder(path):
        path = read_run(path.absolute()).kept_model().path
    if path.suffix.lower() in (SUFFIX, *FOREIGN):
        loaded = load_model(path)  # so that a damaged file is reported now, and not at the first stroke
        return ModelEntry(path=path.absolute(), card=loaded.card, is_shipped=False, note=loaded.note), None
    return _open_page(path, source.page)


def _recipe_or_lesson(path: Path) -> Recipe | Path:
    if "steps" not in read_toml(path):
        return load_recipe(str(path))
    from digitpad.core.lessons.lesson_files import read_lesson  # few need it at the start

    read_lesson(path)  # so that a mistake in it is reported now
    return path


def _open_page(path: Path, page: int) -> tuple[Drawing | None, Pages | None]:
    count = count_pages(path)
    if count == 1:
        return open_drawing(path), None
    try:
        return open_drawing(path, page), Pages(path, page, count)
    except DigitpadError as error:  # an animation often begins with a blank frame
        return None, Pages(path, page, count, problem=str(error))


def _drawing_of_content(content: bytes) -> Drawing:
    """Open the content of a picture file; the readers of pictures need a file."""
    with TemporaryDirectory(prefix="digitpad-") as folder:
        path = Path(folder) / "picture"
        try:
            path.write_bytes(content)
            return open_drawing(path)
        except DigitpadError as error:
            raise DigitpadError("{problem}", problem=str(error).replace(str(path), tr("the picture"))) from error

"""Opens, saves, copies, pastes and drops drawings; also opens models and data sets."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.formats.opening import FILE_ENDINGS, is_data_name, may_hold_data
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing
from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.draw.drawing_io import Found, WebPicture, drawing_mime_data, find_source, save_drawing
from digitpad.gui.session.file_dialogs import choose_file, choose_save_path
from digitpad.gui.session.opening import Pages, is_run_folder
from digitpad.gui.session.session import Session
from digitpad.gui.theme.digit_colours import DigitColours
from digitpad.gui.widgets.sentences import sentence

_PICTURES = "*.png *.jpg *.jpeg *.heic *.heif *.avif *.webp *.bmp *.gif *.tif *.tiff"
_DATA = " ".join(f"*{ending}" for ending in FILE_ENDINGS)
_PATTERNS = f"{_PICTURES} *.safetensors *.onnx *.pt *.pth *.toml {_DATA}"


class FileActions(QObject):
    """Reports results and problems in the Draw tab."""

    pad_requested = Signal()
    lesson_requested = Signal(object)  # Path
    data_requested = Signal(str)  # the path of a file or folder of the user's own data

    def __init__(self, session: Session, draw_tab: DrawTab, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages, self._canvas = session, draw_tab.messages, draw_tab.canvas
        self._downloading = ""  # the message while a picture is downloaded
        session.pages_found.connect(self._on_pages_found)
        session.note_found.connect(self._messages.inform)
        session.rest_found.connect(self._on_rest_found)
        session.picture_downloads.ended.connect(self._on_downloaded)

    @property
    def _window(self) -> QWidget:
        # Not an attribute: a reference cycle would keep the window alive after it is closed.
        return cast("QWidget", self.parent())

    @Slot()
    def open(self) -> None:
        """Let the user choose a file, and open it."""
        kinds = self.tr("Pictures, ink, models, data sets, recipes and lessons ({})").format(_PATTERNS)
        filters = ";;".join((kinds, self.tr("All files (*)")))
        if path := choose_file(self._window, self._session.settings, self.tr("Open"), filters):
            self.open_file(path)

    @Slot()
    def save(self) -> None:
        """Let the user choose where to save the drawing, and save it."""
        filters = {"png": self.tr("PNG picture (*.png)")}
        if self._session.pad.drawing.picture is None:
            filters["jsonl"] = self.tr("Ink (*.jsonl)")
        title, name = self.tr("Save drawing"), self.tr("digit.png")
        if path := choose_save_path(self._window, self._session.settings, title, name, filters):
            self.save_to(path)

    @Slot()
    def copy(self) -> None:
        """Copy the drawing to the clipboard."""
        drawing = self._session.pad.drawing
        QGuiApplication.clipboard().setMimeData(drawing_mime_data(drawing, self._canvas.pen_width))
        as_both = self.tr("The drawing is on the clipboard, as a picture and as ink.")
        as_picture = self.tr("The drawing is on the clipboard, as a picture.")
        self._messages.inform(as_both if drawing.picture is None else as_picture)

    @Slot()
    def paste(self) -> None:
        """Open what is on the clipboard."""
        source = find_source(QGuiApplication.clipboard().mimeData())
        self._open_source(source, self.tr("There is no picture on the clipboard: copy one first."))

    def drop(self, data: QMimeData) -> None:
        """Open what was dropped on the window."""
        self._open_source(find_source(data), self.tr("Only files and pictures can be dropped here."))

    def open_file(self, path: Path) -> None:
        """Open a picture, an ink file, a model, a run's folder, a data set, a recipe or a lesson."""
        self._open_source((path,), "")

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open several files; the pad shows the first drawing, and the others are offered."""
        self._open_source(tuple(paths), "")

    @Slot()
    def open_lesson(self) -> None:
        """Let the user choose a lesson, and open it."""
        kinds = self.tr("Lessons ({})").format("*.toml")
        if path := choose_file(self._window, self._session.settings, self.tr("Open a lesson"), kinds):
            self.lesson_requested.emit(path)

    def save_to(self, path: Path) -> None:
        """Save the drawing as a picture or as ink, by the suffix of the path."""
        try:
            is_light = self._session.settings.digit_colours is DigitColours.LIGHT_ON_DARK
            save_drawing(path, self._session.pad.drawing, self._canvas.pen_width, light_on_dark=is_light)
        except DigitpadError as error:
            self._messages.warn(str(error))
        else:
            self._messages.inform(self.tr("Saved to {}").format(path))

    @Slot(object)
    def _on_pages_found(self, pages: Pages) -> None:
        """Say which page of a file is shown, and offer the next; after the last, the first."""
        following = pages.page % pages.count + 1
        if pages.problem:
            template = self.tr("{problem} This is page {page} of {count}.")
        else:
            template = self.tr("This file has {count} pages; page {page} is shown.")
        # Without the folder, because at the smallest size the message lies over much of the pad.
        problem = sentence(pages.problem.replace(str(pages.path), pages.path.name))
        text = template.format(problem=problem, page=pages.page, count=pages.count)
        button = self.tr("Open page {}").format(following)
        self._messages.offer(text, button, partial(self._session.open, pages.path, following))

    @Slot(tuple, str)
    def _on_rest_found(self, rest: tuple[Path, ...], problem: str) -> None:
        """Offer the drawings that were not opened."""
        text = self.tr("The pad shows one drawing; {count} more can be opened.").format(count=len(rest))
        text = f"{sentence(problem)} {text}" if problem else text
        self._messages.offer(text, self.tr("Open next"), partial(self.open_files, rest))

    @Slot(bytes, str)
    def _on_downloaded(self, content: bytes, problem: str) -> None:
        self._messages.retract(self._downloading)
        if problem:
            self._messages.warn(problem)
        elif content:
            self._session.open(content)

    def _open_source(self, source: Found | None, otherwise: str) -> None:
        if isinstance(source, tuple) and all(map(_is_data, source)):
            self.data_requested.emit(str(source[0]))  # what belongs to it is found beside it
            return
        self.pad_requested.emit()
        self._session.picture_downloads.cancel()
        self._messages.hide_temporary()
        if source is None:
            self._messages.warn(otherwise)
        elif isinstance(source, Drawing):
            self._session.pad.change(source, self.tr("paste"))
        elif isinstance(source, WebPicture):
            question = self.tr("Download this picture? It is on {host}.").format(host=_breakable(source.host))
            self._messages.offer(question, self.tr("Download"), partial(self._download, source))
        elif isinstance(source, tuple):
            self._session.open_files(source)
        else:
            self._session.open(source)

    def _download(self, picture: WebPicture) -> None:
        downloads = self._session.picture_downloads
        downloads.start(picture.address)
        self._downloading = self.tr("The picture is downloaded from {host}…").format(host=_breakable(picture.host))
        self._messages.offer(self._downloading, self.tr("Cancel"), downloads.cancel)


def _is_data(path: Path) -> bool:
    """Return whether a path is a data set by its name, or a folder with such files or with pictures by digit."""
    if os.path.isdir(path):  # noqa: PTH112 - Path's raises if access is denied
        return not is_run_folder(path) and may_hold_data(path)
    return is_data_name(path.name)


def _breakable(host: str) -> str:
    """Let a line break after each dot, so that no part of the name is cut off."""
    return host.replace(".", ".\u200b")

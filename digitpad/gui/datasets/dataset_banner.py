"""A banner that is shown while the chosen data set is not installed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from digitpad.core.datasets.catalogue import DatasetState, megabytes
from digitpad.gui.widgets.adaptive_row import AdaptiveRow
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.sentences import sentence

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress


class DatasetBanner(QFrame):
    """Offers a download, a folder, or the built-in digits; shows the progress of the download.

    With `trains`, the built-in digits are trained at once, and the download is left to the Start button.
    """

    download_requested = Signal()
    cancel_requested = Signal()
    folder_requested = Signal()
    built_in_requested = Signal()

    def __init__(self, parent: QWidget | None = None, *, trains: bool = False) -> None:
        super().__init__(parent)
        self._trains = trains
        self._text = QLabel()
        self.download = QPushButton()
        self.folder = QPushButton(self.tr("Choose a folder…"))
        self.built_in = QPushButton(self.tr("Use the built-in digits"))
        if trains:
            self.built_in.setText(self.tr("Train on the built-in digits now"))
        self._progress = QProgressBar()
        self._amount = QLabel()
        self.cancel = QPushButton(self.tr("Cancel"))
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._amount.setProperty("role", "figures")
        self.download.setProperty("role", "primary")

        self._choices = AdaptiveRow(self.download, self.folder, self.built_in, None)
        self._download_row = QWidget()
        hbox((self._progress, 1), self._amount, self.cancel, parent=self._download_row)
        vbox(self._text, self._choices, self._download_row, parent=self, margins=(12, 10, 12, 10))
        self.hide()

        self.download.clicked.connect(self.download_requested)
        self.folder.clicked.connect(self.folder_requested)
        self.built_in.clicked.connect(self.built_in_requested)
        self.cancel.clicked.connect(self.cancel_requested)

    @property
    def trains(self) -> bool:
        """Whether the data is to train on."""
        return self._trains

    @property
    def text(self) -> str:
        """The text that is shown; empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def offline_text(self) -> str:
        """Say that there is no internet connection, and what to do."""
        if self._trains:
            return self.tr("No internet connection. Choose a folder, or train on the built-in digits now.")
        return self.tr("No internet connection. Choose a folder, or use the built-in digits.")

    def show_missing(self, title: str, state: DatasetState, *, can_download: bool = True) -> None:
        """Offer the ways to get a data set that is not installed."""
        is_absent = bool(state.download) and not state.gap
        text = self.tr("{} is not installed.").format(title) if is_absent else sentence(state.gap or state.sentence)
        self._show_choices(text, state, can_download=can_download)

    def show_problem(self, problem: str, state: DatasetState) -> None:
        """Show why the download failed, and offer the same ways again."""
        self._show_choices(problem, state, can_download=True)

    def _show_choices(self, text: str, state: DatasetState, *, can_download: bool) -> None:
        had_focus = self.cancel.hasFocus()
        self._text.setText(text)
        self.download.setText(self.tr("Download ({})").format(megabytes(state.download)))
        self.download.setVisible(bool(state.download) and not self._trains)
        self.download.setEnabled(can_download)
        self._choices.show()
        if had_focus:
            self.folder.setFocus()
        self._download_row.hide()
        self.show()

    def show_download(self, title: str, progress: "DownloadProgress | None") -> None:
        """Show the progress of a download; None before its first byte."""
        self._text.setText(self.tr("Downloading {}…").format(title))
        known = progress is not None and progress.overall_total > 0
        self._progress.setRange(0, 1000 if known else 0)
        if progress is None:
            self._amount.setText("")
        elif known:
            self._progress.setValue(round(1000 * progress.overall_done / progress.overall_total))
            done, total = megabytes(progress.overall_done), megabytes(progress.overall_total)
            self._amount.setText(self.tr("{} of {}").format(done, total))
        self._choices.hide()
        self._download_row.show()
        self.show()

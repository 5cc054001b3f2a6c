"""A banner that is shown while the chosen data set is not installed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from digitpad.core.datasets.catalogue import DatasetState, megabytes
from digitpad.gui.widgets.boxes import hbox, vbox

if TYPE_CHECKING:
    from digitpad.core.datasets.download import DownloadProgress

_ROW_WIDTH = 560


class DatasetBanner(QFrame):
    """Offers a download, a folder, or the built-in digits; shows the progress of the download."""

    download_requested = Signal()
    cancel_requested = Signal()
    folder_requested = Signal()
    built_in_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self.download = QPushButton()
        self._folder = QPushButton(self.tr("Choose a folder…"))
        self.built_in = QPushButton(self.tr("Use the built-in digits"))
        self._progress = QProgressBar()
        self._amount = QLabel()
        self.cancel = QPushButton(self.tr("Cancel"))
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._amount.setProperty("role", "figures")
        self.download.setProperty("role", "primary")

        self._buttons = buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for button in (self.download, self._folder, self.built_in):
            buttons.addWidget(button)
        buttons.addStretch()
        self._choices = QWidget()
        self._choices.setLayout(buttons)
        # As wide as the banner, for any width of the buttons.
        self._choices.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        buttons.setContentsMargins(0, 0, 0, 0)
        self._download_row = QWidget()
        hbox((self._progress, 1), self._amount, self.cancel, parent=self._download_row)
        vbox(self._text, self._choices, self._download_row, parent=self, margins=(12, 10, 12, 10))
        self.hide()

        self.download.clicked.connect(self.download_requested)
        self._folder.clicked.connect(self.folder_requested)
        self.built_in.clicked.connect(self.built_in_requested)
        self.cancel.clicked.connect(self.cancel_requested)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_wide = event.size().width() >= _ROW_WIDTH
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(direction)
        super().resizeEvent(event)

    def show_missing(self, title: str, state: DatasetState) -> None:
        """Offer the ways to get a data set that is not installed."""
        size = megabytes(state.download)
        if state.download:
            self._text.setText(self.tr("{} is not installed.").format(title))
        else:
            self._text.setText(state.sentence)
        self.download.setText(self.tr("Download ({})").format(size))
        self.download.setVisible(bool(state.download))
        self._choices.show()
        self._download_row.hide()
        self.show()

    def show_download(self, title: str, progress: "DownloadProgress | None") -> None:
        """Show the progress of a download; None before its first byte."""
        self._text.setText(self.tr("Downloading {}…").format(title))
        known = progress is not None and progress.overall_total > 0
        self._progress.setRange(0, 1000 if known or progress is None else 0)
        if progress is None:
            self._progress.setValue(0)
            self._amount.setText("")
        elif known:
            self._progress.setValue(round(1000 * progress.overall_done / progress.overall_total))
            done, total = megabytes(progress.overall_done), megabytes(progress.overall_total)
            self._amount.setText(self.tr("{} of {}").format(done, total))
        self._choices.hide()
        self._download_row.show()
        self.show()

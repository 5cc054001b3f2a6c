"""Markdown from a file that anybody may have written."""

import re

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from digitpad.gui.theme.scaling import px

_Feature = QTextDocument.MarkdownFeature
_INDENT, _GAP, _LINE_GAP, _HEADING_GAP = 18, 10, 4, 12  # px
_LINE_HEIGHT = 112.0  # percent
_EMPHASIS = re.compile(r"(\*{1,2})(?=\S)([^*]+?)\1(?=(\w?))")


def _closed(found: re.Match[str]) -> str:
    """Return a bold text that ends before its last signs if a letter follows: Markdown does not end it there otherwise.

    In Korean a particle follows without a space: "**Export…**는".
    """
    mark, text, following = found.groups()
    words = re.sub(r"\W+$", "", text)
    return f"{mark}{words}{mark}{text[len(words) :]}" if following and words else found[0]


class MarkdownText(QTextBrowser):
    """Shows Markdown without HTML and pictures; a link to a web page opens in the browser when it is clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the page keeps the keyboard
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self._space_out()

        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_markdown(self, text: str) -> None:
        """Show a text from its beginning."""
        # "![" begins a picture, which Qt would load from any file.
        self._set_markdown(re.sub(r"!+(?=\[)", "", text))
        self.verticalScrollBar().setValue(0)

    def _set_markdown(self, text: str) -> None:
        self.document().setMarkdown(
            _EMPHASIS.sub(_closed, text), _Feature.MarkdownDialectGitHub | _Feature.MarkdownNoHTML
        )
        self._space_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._space_out()

    def _space_out(self) -> None:
        """Set paragraphs apart; Qt leaves no space between those of Markdown."""
        self.document().setIndentWidth(px(_INDENT))
        block = self.document().begin()
        while block.isValid():
            following = block.next()
            is_within_list = block.textList() is not None and following.textList() is block.textList()
            form = block.blockFormat()
            is_heading = form.headingLevel() > 0 and block.blockNumber() > 0
            form.setTopMargin(_HEADING_GAP if is_heading else 0)
            form.setBottomMargin(px(_LINE_GAP) if is_within_list else px(_GAP))
            form.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            QTextCursor(block).setBlockFormat(form)
            block = following

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing; an empty picture, because for no picture Qt looks for a file of that name."""
        del name
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        nothing = QImage(QSize(1, 1), QImage.Format.Format_ARGB32)
        nothing.fill(Qt.GlobalColor.transparent)
        return nothing

    @Slot(QUrl)
    def _on_anchor_clicked(self, address: QUrl) -> None:
        if address.scheme() in ("http", "https"):
            QDesktopServices.openUrl(address)

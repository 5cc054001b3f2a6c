"""A page of the guide."""

from itertools import islice

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QBrush,
    QGuiApplication,
    QImage,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from digitpad.core.translation import language
from digitpad.gui.help.markdown_text import MarkdownText
from digitpad.gui.help.pages import Page, picture_path
from digitpad.gui.theme.colours import theme_colours

_MARGIN, _COLUMNS = 24, 84  # px beside the text; letters in a line, at most
_CELL_PADDING, _FIRST = 6, 38  # px; the first of two columns, per cent


class GuideText(MarkdownText):
    """Shows a page at a section, and marks the words of a search. Pictures are only those of the guide."""

    place_requested = Signal(str)  # the place that a link leads to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: Page | None = None
        self._words: tuple[str, ...] = ()
        self._number = self._top = self._picture_width = 0
        self._was_scrolled = False  # since the page was shown
        # Later: Qt must not get another text while it lays this one out, which moves the scroll bar.
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._show_again)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Page of the guide"))

    def show_page(self, page: Page, number: int, words: tuple[str, ...] = ()) -> None:
        """Show a page at the section with this number, from 0."""
        self._page, self._words = page, words
        self._picture_width = self._room  # first: the bar goes with the text, which is a change of size
        self.document().clear()  # or Qt would use the pictures it has
        self._set_markdown(page.markdown)
        self._style_tables()
        self._mark_words()
        heading = next(islice(self._headings(), number, None), self.document().begin())
        self.setTextCursor(QTextCursor(heading))  # Tab goes to the next link from here
        top = self.document().documentLayout().blockBoundingRect(heading).top()
        self.verticalScrollBar().setValue(round(top) if number else 0)
        self._number, self._top = number, self.verticalScrollBar().value()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load a picture of the guide, as wide as there is room; nothing else."""
        file = name.toString() if isinstance(name, QUrl) else name
        is_picture = kind == QTextDocument.ResourceType.ImageResource.value and file.endswith(".png")
        is_dark = QGuiApplication.palette().color(QPalette.ColorRole.Base).lightnessF() < 0.5
        path = picture_path(file.removesuffix(".png"), language(), is_dark=is_dark) if is_picture else None
        if path is None or (image := QImage(str(path))).isNull():
            return super().loadResource(kind, name)
        scale = self.devicePixelRatioF()
        if image.width() > self._room:
            width = round(self._room * scale)
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(scale)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._room != self._picture_width:
            self._show_later()  # before another width moves the text
        self.setViewportMargins(_MARGIN, 8, max(_MARGIN, self.width() - self._bar_width - _MARGIN - self._room), 8)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # until now there was nothing to scroll
            self._was_scrolled = False
            self._again.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._show_later()

    def _show_later(self) -> None:
        if not self._again.isActive():
            self._was_scrolled = self.verticalScrollBar().value() != self._top
            self._again.start()

    @property
    def _bar_width(self) -> int:
        return self.verticalScrollBar().sizeHint().width()

    @property
    def _room(self) -> int:
        """The width of the text, px, whether there is a scroll bar or not."""
        widest = self.fontMetrics().averageCharWidth() * _COLUMNS
        return max(min(widest, self.width() - self._bar_width - 2 * _MARGIN), 1)

    @Slot()
    def _show_again(self) -> None:
        """Show the page again, at its section or where the user is.

        Its pictures depend on the width and on the theme, and the marks on the theme.
        """
        if self._page is None:
            return
        bar = self.verticalScrollBar()
        share = bar.value() / max(bar.maximum(), 1)
        self.show_page(self._page, self._number, self._words)
        if self._was_scrolled:
            bar.setValue(round(share * bar.maximum()))

    def _headings(self):  # noqa: ANN202 - an iterator of blocks
        block: QTextBlock = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() > 0:
                yield block
            block = block.next()

    def _style_tables(self) -> None:
        line = QBrush(theme_colours(QGuiApplication.palette())["line"])
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                form = frame.format()
                form.setBorderCollapse(True)
                form.setBorderBrush(line)
                form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                form.setCellPadding(_CELL_PADDING)
                form.setTopMargin(0)
                form.setBottomMargin(_MARGIN / 2)
                if frame.columns() == 2:  # so that the tables of a page are alike
                    widths = (QTextLength(QTextLength.Type.PercentageLength, share) for share in (_FIRST, 100 - _FIRST))
                    form.setColumnWidthConstraints(list(widths))
                    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
                frame.setFormat(form)

    def _mark_words(self) -> None:
        marks = []
        for word in self._words:
            cursor = self.document().find(word)
            while not cursor.isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor = cursor
                mark.format.setBackground(theme_colours(QGuiApplication.palette())["pressed"])
                marks.append(mark)
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    @Slot(QUrl)
    def _on_anchor_clicked(self, address: QUrl) -> None:
        if address.isRelative():
            self.place_requested.emit(address.toString())
        else:
            super()._on_anchor_clicked(address)

"""Places the panel of a lesson beside the pages of the window, or below them."""

from typing import cast

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from digitpad.gui.lessons.lesson_panel import LessonPanel
from digitpad.gui.theme.scaling import px

_ROOM_BESIDE = 1040  # px of the window
# The widths that the panel may have. Between them it leaves the pages the width at which they are comfortable.
_NARROWEST, _WIDEST, _COMFORTABLE = 276, 380, 1000
_TEXT_SHARE, _TEXT_HEIGHT = 0.5, 200  # the height with text below the pages, of the window's and in px


class LessonFrame(QWidget):
    """The pages of the window and, while there is a lesson, its panel. Text below the pages lies over them."""

    def __init__(self, pages: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = pages
        self._panel: LessonPanel | None = None
        pages.setParent(self)

        cast("QApplication", QApplication.instance()).focusChanged.connect(self._on_focus_changed)

    def show_panel(self, panel: LessonPanel | None) -> None:
        """Show a panel, or only the pages."""
        if self._panel is not None and panel is not self._panel:
            self._panel.hide()
        self._panel = panel
        if panel is not None:
            panel.setParent(self)
            panel.folded_changed.connect(self._arrange)
            panel.show()
        self._arrange()
        self.updateGeometry()

    def uncover_panel(self, window: QWidget) -> None:
        """Move a window of its own off the panel beside the pages, as far as the screen has room."""
        if self._panel is None or not self._is_beside:
            return
        frame, panel = window.frameGeometry(), QRect(self._panel.mapToGlobal(QPoint()), self._panel.size())
        if frame.intersects(panel):
            free = self.screen().availableGeometry()
            left = max(free.left(), panel.left() - frame.width())
            window.move(min(window.x(), left), max(window.y(), free.top()))

    def sizeHint(self) -> QSize:
        return self._pages.sizeHint()

    def minimumSizeHint(self) -> QSize:
        smallest = self._pages.minimumSizeHint().expandedTo(self._pages.minimumSize())
        if self._panel is not None and not self._is_beside:
            smallest.setHeight(smallest.height() + self._panel.line_height)
        return smallest

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # of the pages or the panel
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    @property
    def _is_beside(self) -> bool:
        return self.width() >= px(_ROOM_BESIDE)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Fold the text if it lies over what the keyboard is at."""
        if self._panel is not None and not self._is_beside and new is not None and self._pages.isAncestorOf(new):
            middle = new.mapTo(self, new.rect().center())
            if self._panel.geometry().contains(middle):
                self._panel.fold_text()

    @Slot()
    def _arrange(self) -> None:
        area = self.rect()
        if self._panel is None:
            self._pages.setGeometry(area)
            return
        if self._panel.is_beside != self._is_beside:
            self._panel.set_beside(is_beside=self._is_beside)
            self.updateGeometry()
        if self._is_beside:
            width = max(px(_NARROWEST), min(px(_WIDEST), area.width() - px(_COMFORTABLE)))
            self._panel.setGeometry(area.width() - width, 0, width, area.height())
            self._pages.setGeometry(area.adjusted(0, 0, -width, 0))
        else:
            line = self._panel.line_height
            height = line if self._panel.is_folded else max(px(_TEXT_HEIGHT), round(_TEXT_SHARE * area.height()))
            self._pages.setGeometry(area.adjusted(0, 0, 0, -line))
            self._panel.setGeometry(QRect(0, area.height() - height, area.width(), height))
            self._panel.raise_()

"""The menu of the lessons."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from digitpad.gui.session.settings import Settings


class LessonMenu(QObject):
    """Fills a menu with the lessons whenever it is opened: files may have come or gone."""

    lesson_requested = Signal(object)  # Path
    file_requested = Signal()

    def __init__(self, menu: QMenu, settings: Settings) -> None:
        super().__init__(menu)
        self.menu, self._settings = menu, settings
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        self._open = QAction(self.tr("&Open a lesson…"), self)
        menu.addAction(self._open)  # a menu without actions would not open

        menu.aboutToShow.connect(self.refresh)
        self._group.triggered.connect(self._on_triggered)
        self._open.triggered.connect(self.file_requested)

    @Slot()
    def refresh(self) -> None:
        """List the lessons again."""
        from digitpad.core.lessons.lesson_files import list_lessons

        self.menu.clear()
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        entries = list_lessons()
        for is_shipped in (True, False):
            for number, entry in enumerate(e for e in entries if e.is_shipped == is_shipped):
                title = f"{number + 1}  {entry.title}" if is_shipped else entry.title
                action = self._group.addAction(title.replace("&", "&&"))
                action.setData(entry.path)
                # A tick: every step that can be done is done.
                action.setCheckable(entry.is_finished(self._settings.lesson_progress(entry.key)[1]))
                action.setChecked(True)
                self.menu.addAction(action)
            self.menu.addSeparator()
        self.menu.addAction(self._open)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.lesson_requested.emit(action.data())

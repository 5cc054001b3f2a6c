"""The window's actions: one place for words, icons and shortcuts."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack

from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.theme import Appearance

Keys = QKeySequence.StandardKey


class Actions(QObject):
    """Actions for menus and toolbar; whoever owns them connects them."""

    def __init__(self, undo_stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._icons: dict[QAction, str] = {}
        self.open = self._action(
            self.tr("&Open…"), "open", Keys.Open, self.tr("Open a picture, an ink file or a model")
        )
        self.save = self._action(self.tr("&Save drawing…"), "save", Keys.Save, self.tr("Save as PNG or ink"))
        self.quit = self._action(self.tr("&Quit"), "", Keys.Quit)
        self.undo = undo_stack.createUndoAction(self, self.tr("&Undo"))
        self.redo = undo_stack.createRedoAction(self, self.tr("&Redo"))
        self._dress(self.undo, "undo", Keys.Undo)
        self._dress(self.redo, "redo", Keys.Redo)
        self.copy = self._action(self.tr("&Copy drawing"), "copy", Keys.Copy)
        self.paste = self._action(self.tr("&Paste"), "paste", Keys.Paste, self.tr("Paste a picture of a digit"))
        self.eraser = self._action(self.tr("&Eraser"), "eraser", "E", self.tr("Rub out with the pointer"))
        self.clear = self._action(self.tr("C&lear"), "clear", Keys.Delete, self.tr("Empty the pad; can be undone"))
        self.compare = self._action(self.tr("&Compare models"), "", "C")
        self.numbers = self._action(self.tr("Read a &number"), "", "N")
        self.steps = self._action(self.tr("&How the drawing became 28x28"), "", "H")
        self.show_log = self._action(self.tr("Show &log folder…"), "")
        self.about = self._action(self.tr("&About digitpad"), "info")
        self.about_model = self._action(self.tr("&About this model…"), "info")
        for action in (self.eraser, self.compare, self.numbers, self.steps):
            action.setCheckable(True)
        self.clear.setShortcuts([QKeySequence(Keys.Delete), QKeySequence("Backspace")])
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        for action in self.of_the_pad:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.appearance = self._appearances()
        self._tint()

    @property
    def of_the_pad(self) -> list[QAction]:
        """What acts on the pad, and so has its keys only where the pad can be seen."""
        of_the_answer = [self.compare, self.numbers, self.steps]
        return [self.undo, self.redo, self.copy, self.eraser, self.clear, *of_the_answer]

    @property
    def tools(self) -> list[QAction | None]:
        """What the toolbar holds, in order; None is a gap."""
        drawing = [self.undo, self.redo, None, self.eraser, self.clear]
        return [*drawing, None, self.open, self.paste, self.copy, self.save]

    @Slot()
    def on_theme_changed(self) -> None:
        """Tint the icons again."""
        self._tint()

    def _action(self, text: str, icon: str, keys: Keys | str | None = None, tip: str = "") -> QAction:
        action = QAction(text, self)
        self._dress(action, icon, keys, tip)
        return action

    def _dress(self, action: QAction, icon: str, keys: Keys | str | None, tip: str = "") -> None:
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        words = tip or action.text().replace("&", "").rstrip("…")
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{words} ({shown})" if shown else words)
        if icon:
            self._icons[action] = icon

    def _appearances(self) -> QActionGroup:
        words = {
            Appearance.SYSTEM: self.tr("As the &system"),
            Appearance.LIGHT: self.tr("&Light"),
            Appearance.DARK: self.tr("&Dark"),
        }
        group = QActionGroup(self)
        for appearance, text in words.items():
            action = group.addAction(text)
            action.setCheckable(True)
            action.setData(appearance.value)
        return group

    def _tint(self) -> None:
        for action, name in self._icons.items():
            action.setIcon(line_icon(name))

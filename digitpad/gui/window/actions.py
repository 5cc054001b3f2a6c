"""The actions of the window: texts, icons and shortcuts in one place."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import QLocale, QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack

from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.ink.drawing import PEN_SCALES, Drawing
from digitpad.core.translation import languages
from digitpad.gui.session.session import Session
from digitpad.gui.theme.digit_colours import DigitColours
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.widgets.sentences import without_mnemonic

Keys = QKeySequence.StandardKey


class Actions(QObject):
    """Actions for menus and toolbar. They show the state of the session; the window connects the others."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._icons: dict[QAction, str] = {}
        self._allowed: Collection[str] | None = None  # by a lesson
        self.open = self._action(
            self.tr("&Open…"), "open", Keys.Open, self.tr("Open a picture, ink, a model or a lesson")
        )
        self.save = self._action(self.tr("&Save drawing…"), "save", Keys.Save, self.tr("Save as PNG or ink"))
        self.quit = self._action(self.tr("&Quit"), "", Keys.Quit)
        self.undo = self._action(self.tr("&Undo"), "undo", Keys.Undo)
        self.redo = self._action(self.tr("&Redo"), "redo", Keys.Redo)
        self._connect_undo_stack(session.pad.undo_stack)
        self.copy = self._action(self.tr("&Copy drawing"), "copy", Keys.Copy)
        self.paste = self._action(self.tr("&Paste"), "paste", Keys.Paste, self.tr("Paste a picture of a digit"))
        self.eraser = self._action(self.tr("&Eraser"), "eraser", "E", self.tr("Erase with the pointer"))
        self.clear = self._action(self.tr("C&lear"), "clear", Keys.Delete, self.tr("Empty the pad; can be undone"))
        self.compare = self._action(self.tr("&Compare models"), "", "C")
        self.numbers = self._action(self.tr("Read a &number"), "", "N")
        self.steps = self._action(self.tr("&How the drawing became 28x28"), "", "H")
        self.inside = self._action(
            self.tr("&Inside the network"), "", "I", self.tr("The values of each layer, as you draw")
        )
        self.break_it = self._action(
            self.tr("&Break it"), "", "B", self.tr("Distort your drawing, and see when each model fails")
        )
        self.teach = self._action(
            self.tr("T&each it my digits"), "", "T", self.tr("Draw each digit three times, and train a model on them")
        )
        self.start_afresh = self._action(
            self.tr("New drawing after &keeping"),
            "",
            tip=self.tr("The first stroke after you chose a label begins a new drawing; Undo brings the former back"),
        )
        self.reset_all = self._action(self.tr("Re&set all"), "", "R", self.tr("Undo all distortions of “Break it”"))
        self.gates = self._action(self.tr("L&ogic gates…"), "")
        self.layers = self._action(
            self.tr("&Layer by layer…"), "", "Ctrl+L", self.tr("Every layer's values and gradients")
        )
        self.high_contrast, self.reduce_motion = (
            self._action(text, "") for text in (self.tr("High &contrast"), self.tr("Red&uce motion"))
        )
        self.guide = self._action(self.tr("&Guide"), "", Keys.HelpContents, self.tr("Explains what you see"))
        self.keys = self._action(self.tr("&Keys"), "")
        self.welcome = self._action(self.tr("&Welcome cards"), "")
        self.show_log = self._action(self.tr("Show &log folder…"), "")
        self.about = self._action(self.tr("&About digitpad"), "info")
        self.about_model = self._action(self.tr("&About this model…"), "info")
        views = self.views
        others = self.start_afresh, self.eraser, self.compare, self.numbers, self.steps
        for action in (self.high_contrast, self.reduce_motion, *others, *views):
            action.setCheckable(True)
        group = QActionGroup(self)  # they have the same place
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for action in views:
            group.addAction(action)
        self.reset_all.setEnabled(False)  # until there is something to reset
        self.break_it.toggled.connect(self.reset_all.setEnabled)
        self.guide.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)  # in the other windows too
        self.clear.setShortcuts([QKeySequence(Keys.Delete), QKeySequence("Backspace")])
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        for action in self.pad_actions:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.appearance, self.pen_widths = self._create_appearances(), self._create_pen_widths()
        self.digit_colours = self._create_choice(
            {
                DigitColours.THEME.value: self.tr("&Theme colours"),
                DigitColours.DARK_ON_LIGHT.value: self.tr("&Dark on light"),
                DigitColours.LIGHT_ON_DARK.value: self.tr("&Light on dark"),
            }
        )
        self.sizes, self.stage = self._create_sizes(), self._create_stage()
        self.languages = self._create_choice(
            {"": self.tr("&System language"), "en": "English"}
            | {name: QLocale(name).nativeLanguageName() for name in languages(TRANSLATIONS)}
        )
        self.tint_icons()
        self._follow(session)

    @property
    def views(self) -> tuple[QAction, ...]:
        """The views beside the pad, of which at most one is shown."""
        return self.inside, self.break_it, self.teach

    @property
    def pad_actions(self) -> list[QAction]:
        """Actions of the Draw page; their shortcuts work only there."""
        drawing = [self.undo, self.redo, self.copy, self.eraser, self.clear]
        return [
            *drawing,
            self.compare,
            self.numbers,
            self.steps,
            self.inside,
            self.break_it,
            self.reset_all,
            self.teach,
        ]

    @property
    def tools(self) -> list[QAction | None]:
        """Actions of the toolbar in their order; None is a gap."""
        drawing = [self.undo, self.redo, None, self.eraser, self.clear]
        return [*drawing, None, self.open, self.paste, self.copy, self.save]

    def allow(self, names: Collection[str] | None) -> None:
        """Enable only these of the actions whose buttons a lesson can switch off; None: all of them."""
        self._allowed = names
        buttons = {
            "compare": self.compare,
            "numbers": self.numbers,
            "layers": self.layers,
            "inside": self.inside,
            "break-it": self.break_it,
        }
        for name, action in buttons.items():
            action.setEnabled(names is None or name in names)
        self._update_steps()

    def _update_steps(self) -> None:
        self.steps.setEnabled(not self.numbers.isChecked() and (self._allowed is None or "steps" in self._allowed))

    @Slot()
    def tint_icons(self) -> None:
        """Set the icons in the colours of the theme."""
        for action, name in self._icons.items():
            action.setIcon(line_icon(name))

    def _follow(self, session: Session) -> None:
        """Connect the actions whose state is in the session, and show that state."""
        self.clear.triggered.connect(session.pad.clear)
        self.compare.triggered.connect(session.models.set_comparing)
        self.numbers.triggered.connect(session.recognition.set_reads_numbers)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        session.models.comparing_changed.connect(self.compare.setChecked)
        session.recognition.reads_numbers_changed.connect(self._on_reads_numbers_changed)
        self._on_drawing_changed(session.pad.drawing)
        self.compare.setChecked(session.models.is_comparing)
        self._on_reads_numbers_changed(session.recognition.reads_numbers)
        settings = session.settings
        self.start_afresh.setChecked(settings.starts_afresh)
        chosen = {
            self.appearance: settings.appearance.value,
            self.digit_colours: settings.digit_colours.value,
            self.pen_widths: settings.pen_scale,
            self.languages: settings.language,
        }
        for group, value in chosen.items():
            for action in group.actions():
                action.setChecked(action.data() == value)

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        for action in (self.save, self.copy, self.clear):
            action.setEnabled(bool(drawing))

    @Slot(bool)
    def _on_reads_numbers_changed(self, reads_numbers: bool) -> None:
        self.numbers.setChecked(reads_numbers)
        self._update_steps()

    def _action(self, text: str, icon: str, keys: Keys | str | None = None, tip: str = "") -> QAction:
        action = QAction(text, self)
        self._set_up(action, icon, keys, tip)
        return action

    def _connect_undo_stack(self, stack: QUndoStack) -> None:
        """Name what is undone. Not by the stack's own actions, which put the name behind the verb in every language."""
        for action, can, named, call in (
            (self.undo, stack.canUndoChanged, stack.undoTextChanged, stack.undo),
            (self.redo, stack.canRedoChanged, stack.redoTextChanged, stack.redo),
        ):
            action.setEnabled(False)
            can.connect(action.setEnabled)
            action.triggered.connect(call)
            named.connect(self._on_undo_text_changed if action is self.undo else self._on_redo_text_changed)

    @Slot(str)
    def _on_undo_text_changed(self, name: str) -> None:
        _set_text(self.undo, self.tr("&Undo {}").format(name) if name else self.tr("&Undo"))

    @Slot(str)
    def _on_redo_text_changed(self, name: str) -> None:
        _set_text(self.redo, self.tr("&Redo {}").format(name) if name else self.tr("&Redo"))

    def _set_up(self, action: QAction, icon: str, keys: Keys | str | None, tip: str = "") -> None:
        _set_text(action, action.text())
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        text = tip or without_mnemonic(action.text()).rstrip("…")
        keys_text = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({keys_text})" if keys_text else text)
        if icon:
            self._icons[action] = icon

    def _create_appearances(self) -> QActionGroup:
        texts = {
            Appearance.SYSTEM.value: self.tr("&System theme"),
            Appearance.LIGHT.value: self.tr("&Light"),
            Appearance.DARK.value: self.tr("&Dark"),
        }
        return self._create_choice(texts)

    def _create_pen_widths(self) -> QActionGroup:
        texts = self.tr("&Thin"), self.tr("&Medium"), self.tr("T&hick")
        return self._create_choice(dict(zip(PEN_SCALES, texts, strict=True)))

    def _create_stage(self) -> QAction:
        action = self._action(self.tr("St&age mode"), "", "F11", self.tr("Full screen and large type, for a class"))
        action.setCheckable(True)
        return action

    def _create_sizes(self) -> QActionGroup:
        """Return the actions that change the size of everything, in every window; their data are steps, 0: usual."""
        group = QActionGroup(self)
        group.setExclusive(False)
        for text, steps, keys in (
            (self.tr("La&rger"), 1, (*QKeySequence.keyBindings(Keys.ZoomIn), "Ctrl++", "Ctrl+=")),
            (self.tr("S&maller"), -1, (*QKeySequence.keyBindings(Keys.ZoomOut), "Ctrl+-")),
            (self.tr("Usual si&ze"), 0, ("Ctrl+0",)),
        ):
            action = group.addAction(text)
            action.setData(steps)
            # One sequence twice would be ambiguous.
            texts = dict.fromkeys(QKeySequence(key).toString() for key in keys)
            action.setShortcuts([QKeySequence(text) for text in texts])
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        return group

    def _create_choice(self, texts: Mapping[float, str] | Mapping[str, str]) -> QActionGroup:
        """Return a group of actions of which one is checked; their data are the keys."""
        group = QActionGroup(self)
        for value, text in texts.items():
            action = group.addAction(text)
            action.setCheckable(True)
            action.setData(value)
        return group


def _set_text(action: QAction, text: str) -> None:
    """Set the text of a menu entry, and its name on a toolbar: without the key, which Korean has in brackets."""
    action.setText(text)
    action.setIconText(without_mnemonic(text).rstrip("…"))

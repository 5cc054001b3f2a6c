"""The list of keys in the guide, made of the window's actions and of what its widgets say."""

from collections.abc import Iterable, Iterator
from importlib import import_module

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QMenu, QMenuBar, QWidget

from digitpad.core.translation import tr
from digitpad.gui.widgets.sentences import capitalised, without_mnemonic
from digitpad.gui.widgets.shortcut_override import HandledKeys
from digitpad.gui.window.page_tabs import PageTabs

# The packages whose widgets are on each page, in the order of PageId, and at last that of the window.
_PACKAGES = (
    ("draw", "inside", "break_it"),
    ("train", "widgets"),
    ("mistakes", "confusion", "grid"),
    ("my_digits",),
    ("window",),
)
# They have keys of their own, and are loaded when they are first shown.
_LATE = ("inside.inside_panel", "break_it.controls")

Row = tuple[str, str]  # keys, and what they do


def key_list(menus: QMenuBar, tabs: PageTabs, guide: QWidget) -> str:
    """Return the keys as Markdown: a heading and a table for each menu, each page and the guide."""
    seen: set[Row] = set()
    shown = [menu for menu in (action.menu() for action in menus.actions()) if isinstance(menu, QMenu)]
    groups = [(menu.title(), list(_rows_of_menu(menu))) for menu in shown]
    pages = [(title, list(_rows_of_widget(tabs.page(number)))) for number, title in enumerate(tabs.titles)]
    *handled, everywhere = handled_rows()
    groups += [(title, [*rows, *own]) for (title, rows), own in zip(pages, handled, strict=True)]
    groups.append((_tr("Stage mode and lessons"), everywhere))
    groups.append((_tr("Guide"), list(_rows_of_widget(guide))))
    tables: dict[str, list[Row]] = {}
    for title, rows in groups:
        tables.setdefault(without_mnemonic(title), []).extend(row for row in rows if row not in seen)
        seen.update(rows)
    return "\n\n".join(_table(title, rows) for title, rows in tables.items() if rows)


def _table(title: str, rows: Iterable[Row]) -> str:
    key, meaning = _tr("Key"), _tr("What it does")
    lines = [f"| **{keys}** | {text} |" for keys, text in dict.fromkeys(rows)]
    return "\n".join([f"## {title}", "", f"| {key} | {meaning} |", "| --- | --- |", *lines])


def _rows_of_menu(menu: QMenu) -> Iterator[Row]:
    for action in menu.actions():
        if isinstance(below := action.menu(), QMenu):
            yield from _rows_of_menu(below)
        else:
            yield from _rows_of_action(action)


def _rows_of_widget(page: QWidget) -> Iterator[Row]:
    """Yield the keys of the actions, buttons and shortcuts in a widget."""
    for widget in (page, *page.findChildren(QWidget)):
        for action in widget.actions():
            yield from _rows_of_action(action)
        if isinstance(widget, QAbstractButton) and not widget.shortcut().isEmpty():
            text = widget.text() or widget.accessibleName()
            if without_mnemonic(text) == text:  # a mnemonic is no key of its own
                yield _keys_text([widget.shortcut()]), text.rstrip("…")
    for shortcut in page.findChildren(QShortcut):
        if shortcut.whatsThis():
            yield _keys_text([shortcut.key()]), shortcut.whatsThis()


def _rows_of_action(action: QAction) -> Iterator[Row]:
    if shortcuts := action.shortcuts():
        yield _keys_text(shortcuts), without_mnemonic(action.text()).rstrip("…")


def handled_rows() -> list[list[Row]]:
    """Return the keys that widgets handle themselves: for each page, and those of the whole window."""
    for name in _LATE:
        import_module(f"digitpad.gui.{name}")
    found: dict[str, list[Row]] = {}
    for kind in sorted(_subclasses(QWidget), key=lambda kind: (kind.__module__, kind.__name__)):
        keys: tuple[HandledKeys, ...] = vars(kind).get("HANDLED_KEYS", ())
        package = kind.__module__.removeprefix("digitpad.gui.").partition(".")[0]
        found.setdefault(package, []).extend(
            (_keys_text(map(QKeySequence, one.keys), one.keys), capitalised(tr(one.text))) for one in keys
        )
    return [[row for package in packages for row in found.get(package, ())] for packages in _PACKAGES]


def _subclasses(kind: type) -> set[type]:
    return {kind, *(found for below in kind.__subclasses__() for found in _subclasses(below))}


def _keys_text(sequences: Iterable[QKeySequence], names: tuple[str, ...] = ()) -> str:
    """Return keys as they are on the keyboard; a name that is no key, such as "…", stays."""
    texts = [keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in sequences]
    names = names or ("",) * len(texts)
    shown = " / ".join(text or name for text, name in zip(texts, names, strict=True))
    return shown.replace(" / … / ", " … ")


def _tr(text: str) -> str:
    return QCoreApplication.translate("KeyList", text)

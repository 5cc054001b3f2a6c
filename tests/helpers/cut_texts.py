"""Finds texts that are wider or higher than their place, in all kinds of widgets."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QStyleOptionHeader,
    QTabBar,
    QWidget,
)

from digitpad.gui.confusion.digit_header import DigitHeader
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.combo_box import SHORT_TEXT
from digitpad.gui.widgets.elided_label import ElidedLabel
from digitpad.gui.widgets.fast_label import FastLabel

_TEXT_MARGIN = 2  # px on each side of the text of a line edit, QLineEditPrivate::horizontalMargin


def cut_off(page: QWidget) -> list[str]:
    """Return the texts that do not fit: shown ones, and those of lists and empty fields.

    Labels that elide their text are left out, and items of lists that have a name from a file.
    """
    found = []
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, FastLabel | ElidedLabel):
            continue
        if isinstance(widget, QLabel) and widget.text():
            found += [] if _label_fits(widget) else [f"{widget.text()} ({widget.size().toTuple()})"]
        elif isinstance(widget, QAbstractButton) and widget.text():
            least, rounding = widget.minimumSizeHint(), max(1, px(1))  # the style rounds
            if widget.width() < least.width() - rounding or widget.height() < least.height() - rounding:
                found.append(f"{widget.text()} ({widget.size().toTuple()}, {least.toTuple()})")
        elif isinstance(widget, QHeaderView):
            found += _cut_headings(widget)
        elif isinstance(widget, QTabBar):
            bar, room = widget.rect().adjusted(0, 0, 1, 1), widget.fontMetrics().horizontalAdvance
            tabs = [(widget.tabText(number), widget.tabRect(number)) for number in range(widget.count())]
            found += [text for text, place in tabs if place.width() < room(text) or not bar.contains(place)]
        elif isinstance(widget, QComboBox | QLineEdit):
            found += _cut_in(widget)
    return found


def room_for_text(field: QComboBox | QLineEdit) -> int:
    """Return the width that a field has for its text, px."""
    if isinstance(field, QComboBox):
        option = QStyleOptionComboBox()
        field.initStyleOption(option)
        parts, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        return field.style().subControlRect(parts, option, part, field).width()
    frame = QStyleOptionFrame()
    field.initStyleOption(frame)
    place = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, frame, field)
    return place.marginsRemoved(field.textMargins()).width() - 2 * _TEXT_MARGIN


def _cut_in(field: QComboBox | QLineEdit) -> list[str]:
    room, width = room_for_text(field), field.fontMetrics().horizontalAdvance
    texts = [field.placeholderText()]
    if isinstance(field, QComboBox):
        # A heading is never in the field.
        fonts = {number: field.itemData(number, Qt.ItemDataRole.FontRole) for number in range(field.count())}
        items = [number for number, font in fonts.items() if font is None or not font.bold()]
        texts += [field.itemData(number, SHORT_TEXT) or field.itemText(number) for number in items]
    return [f"{text} ({width(text)} > {room})" for text in texts if width(text) > room]


def _label_fits(label: QLabel) -> bool:
    if label.wordWrap():
        return label.height() >= label.heightForWidth(label.width())
    return label.contentsRect().width() >= label.fontMetrics().horizontalAdvance(label.text())


def cut_headings(page: QWidget) -> list[str]:
    """Return the headings of the tables in view that do not fit."""
    headers = [header for header in page.findChildren(QHeaderView) if header.isVisible()]
    return [text for header in headers for text in _cut_headings(header)]


def _cut_headings(header: QHeaderView) -> list[str]:
    if header.model() is None or isinstance(header, DigitHeader):  # its digits have no margins
        return []
    found = []
    for section in range(min(header.count(), 40)):
        text = str(header.model().headerData(section, header.orientation()) or "")
        if text and not header.isSectionHidden(section):
            room, needed = _heading_widths(header, section, text)
            found += [f"{text} ({needed} > {room})"] if needed > room else []
    return found


def _heading_widths(header: QHeaderView, section: int, text: str) -> tuple[int, int]:
    """Return the width that a heading has, and the one that it needs."""
    size = header.sectionSize(section) if header.orientation() is Qt.Orientation.Horizontal else header.width()
    if type(header).paintSection is not QHeaderView.paintSection:  # the style does not paint it
        return size, header.sectionSizeFromContents(section).width()
    option = QStyleOptionHeader()
    header.initStyleOption(option)
    header.initStyleOptionForIndex(option, section)
    option.rect = QRect(0, 0, size, header.height())
    room = header.style().subElementRect(QStyle.SubElement.SE_HeaderLabel, option, header).width()
    metrics = QFontMetrics(sized_font(header.font(), CAPTION))
    return room, max(map(metrics.horizontalAdvance, text.split("\n")))

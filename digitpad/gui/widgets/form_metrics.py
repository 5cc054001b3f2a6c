"""Sizes that forms and tabs share."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractSpinBox

from digitpad.gui.theme.scaling import px

# In a smaller tab something would be cut off. These show their columns one at a time in a narrow window: in 1280x800
# they fit sideways at a zoom of 250 %.
SMALLEST_MY_DIGITS_TAB = QSize(300, 180)
SMALLEST_TRAIN_TAB, SMALLEST_MISTAKES_TAB = QSize(360, 300), QSize(360, 360)
# Of the pad with the answer below it, whose parts take another form there. It fits in 680x600 at a zoom of 250 %.
SMALLEST_DRAW_TAB = QSize(260, 250)

UNLIMITED = 16_777_215  # the largest size of a widget: QWIDGETSIZE_MAX, which PySide does not have
LABEL_WIDTH, LABEL_GAP = 132, 4
# Left edge of the fields, px.
FIELD_LEFT = LABEL_WIDTH + LABEL_GAP
# Height of headings with buttons, px; headings beside them have it too, so that they align.
HEADING_HEIGHT = 34


def indent_number(field: QAbstractSpinBox) -> None:
    """Align the text of a spin box with the texts of other fields: the padding of the style does not reach it."""
    field.lineEdit().setTextMargins(px(9), 0, 0, 0)

"""Sizes that forms and tabs share."""

from PySide6.QtCore import QSize

# In a smaller tab something would be cut off.
SMALLEST_TAB = QSize(700, 380)

LABEL_WIDTH, LABEL_GAP = 132, 4
# Left edge of the fields, px.
FIELD_LEFT = LABEL_WIDTH + LABEL_GAP
# Height of headings with buttons, px; headings beside them have it too, so that they align.
HEADING_HEIGHT = 34

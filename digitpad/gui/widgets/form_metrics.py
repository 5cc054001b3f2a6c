"""Sizes that forms and tabs share."""

from PySide6.QtCore import QSize

# Below this something would be cut off.
SMALLEST_TAB = QSize(700, 380)


_LABEL_WIDTH, _GAP = 132, 4
# Where fields begin, px from the left.
FIELD_LEFT = _LABEL_WIDTH + _GAP

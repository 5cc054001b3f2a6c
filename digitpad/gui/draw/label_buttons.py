"""Ten buttons under the pad that save the drawing, or a digit of a number, with a label."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import OWN_MARGINS, px
from digitpad.gui.widgets.verdict_icons import SIDE as MARK
from digitpad.gui.widgets.verdict_icons import VerdictIcon, verdict_pixmap

_HEIGHT = 32
_SMALLEST, _LARGEST = 26, 52  # px wide
_SPACING = 4


class LabelButton(QToolButton):
    """The button of one label: marked if it is the answer, with a tick if the drawing is saved with it."""

    def __init__(self, digit: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digit = digit
        self._is_saved = self._is_answer = False
        self.setText(str(digit))
        self.setProperty("role", "label-key")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumSize(px(_SMALLEST), px(_HEIGHT))
        self.setMaximumSize(px(_LARGEST), px(_HEIGHT))
        self._update_texts()

    @property
    def is_answer(self) -> bool:
        """Whether it is marked as the model's answer."""
        return self._is_answer

    @property
    def is_saved(self) -> bool:
        """Whether the drawing is saved with this label."""
        return self._is_saved

    def show_state(self, *, is_answer: bool, is_saved: bool) -> None:
        """Mark it as the answer and as the label of the saved drawing."""
        if (is_answer, is_saved) == (self._is_answer, self._is_saved):
            return
        self._is_answer, self._is_saved = is_answer, is_saved
        self.setProperty("state", "saved" if is_saved else "answer" if is_answer else "")
        self.style().polish(self)
        self._update_texts()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(_SMALLEST), px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_saved:
            return
        painter = QPainter(self)
        colour = theme_colours(QGuiApplication.palette())["right"]
        place = QRectF(self.width() - px(MARK) - px(2), 1.5, px(MARK), px(MARK))
        painter.drawPixmap(place.topLeft(), verdict_pixmap(VerdictIcon.RIGHT, colour, self.devicePixelRatioF()))
        painter.end()

    def _update_texts(self) -> None:
        name, tip = self.tr("Label {}"), self.tr("Save the drawing in My digits with the label {0} (key {0})")
        if self._is_answer:
            name = self.tr("Label {}, the model's answer")
        if self._is_saved:
            name, tip = self.tr("Saved as {}"), self.tr("The drawing is saved in My digits with the label {0}")
        self.setAccessibleName(name.format(self._digit))
        self.setToolTip(tip.format(self._digit))


class LabelButtons(QWidget):
    """Reports the label that the user chooses for the drawing."""

    label_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = QLabel(self.tr("Label:"))
        self._group = QButtonGroup(self)
        self.buttons = [LabelButton(digit) for digit in range(CLASSES)]
        self._caption.setProperty("role", "muted")
        self._caption.setContentsMargins(0, 0, px(_SPACING), 0)
        self._caption.setProperty(OWN_MARGINS, True)

        self._grid, self._rows = QGridLayout(self), 0
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(_SPACING))
        for digit, key in enumerate(self.buttons):
            self._group.addButton(key, digit)
        self.set_rows(1)
        self.show_nothing()

        self._group.idClicked.connect(self.label_requested)

    def set_rows(self, rows: int) -> None:
        """Have the buttons in one row, or in two."""
        if rows == self._rows:
            return
        self._rows = rows
        for part in (self._caption, *self.buttons):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._caption, 0, 0)
        for digit, key in enumerate(self.buttons):
            row, column = divmod(digit, CLASSES // rows)
            self._grid.addWidget(key, row, column + 1)
            self._grid.setColumnStretch(digit + 1, 100 * (digit < CLASSES // rows))
        self._grid.setColumnStretch(CLASSES + 1, 1)  # what they leave is behind them

    def size_needed(self, rows: int) -> QSize:
        """Return the smallest size with the buttons in so many rows."""
        columns, gap = CLASSES // rows, px(_SPACING)
        height = max(px(_HEIGHT), self._caption.minimumSizeHint().height())
        return QSize(
            self._caption.minimumSizeHint().width() + gap + columns * (px(_SMALLEST) + gap),
            height + (rows - 1) * (px(_HEIGHT) + gap),
        )

    @property
    def is_ready(self) -> bool:
        """Whether there is a drawing that can be labelled."""
        return self.buttons[0].isEnabled()

    @property
    def saved_label(self) -> int | None:
        """The label with which the drawing is saved, or None."""
        return next((digit for digit, key in enumerate(self.buttons) if key.is_saved), None)

    def show_nothing(self) -> None:
        """Disable the buttons: there is no drawing to label."""
        self._show(None, None, is_ready=False)

    def show_answer(self, answer: int | None, saved: int | None) -> None:
        """Mark the answer and the label of the saved drawing."""
        self._show(answer, saved, is_ready=True)

    def _show(self, answer: int | None, saved: int | None, *, is_ready: bool) -> None:
        self._caption.setEnabled(is_ready)
        for digit, key in enumerate(self.buttons):
            key.setEnabled(is_ready)
            key.show_state(is_answer=digit == answer, is_saved=digit == saved)

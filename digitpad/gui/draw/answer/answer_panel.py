"""The right side of the Draw tab: the choice of model, the answer, and what the model sees."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from digitpad.core.detection.digit_detector import recognises_digits
from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.recognition.recogniser import Answer, Failure
from digitpad.gui.draw.answer.digit_answer import DigitAnswer
from digitpad.gui.draw.answer.digit_image_view import DigitImageView, StepsView
from digitpad.gui.draw.answer.digit_score_meter import DigitScoreMeter
from digitpad.gui.draw.answer.model_picker import ModelPicker
from digitpad.gui.draw.answer.number_answers import NumberAnswers
from digitpad.gui.draw.answer.number_images_view import NumberImagesView
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, least_width, vbox
from digitpad.gui.widgets.form_metrics import UNLIMITED
from digitpad.gui.widgets.segment_switch import Segment, SegmentSwitch

# Space for the scroll bar at the right.
PANEL_MARGIN = 12
_ROOM_FOR_A_ROW = 500 + PANEL_MARGIN
_STAGE_HEIGHT, _FLAT_HEIGHT = 396, 182  # on stage, with less than the first, the bars are beside the digit
_FOOT = 16  # px of the panel below its answer on stage
_FULL_HEIGHT = 700  # with less, the bars and the digit images are lower, so that nothing scrolls
_ROOM_FOR_BARS = 440  # px of height; with less, the bars are beside the digit, where there is the width
_WIDTH_FOR_BARS, _STAGE_WIDTH_FOR_BARS = 250, 420  # on stage with less, the digit is above its probability
# What the model sees is beside the answer if there is little room below it, and if both have this width; each of
# several answers needs the last.
_ANSWER_WIDTH, _FOOT_WIDTH, _CARD_WIDTH = 300, 512, 150
_GAP, _ANSWERS_GAP, _COLUMN_GAP = 16, 8, 24


class AnswerPanel(QWidget):
    """Shows answers and reports the user's choices."""

    model_requested = Signal(object)
    model_list_closed = Signal()
    compare_requested = Signal(bool)
    steps_requested = Signal(bool)
    layers_requested = Signal(bool)  # whether for the pixels
    inside_requested = Signal(bool)
    break_it_requested = Signal(bool)
    number_requested = Signal()  # the drawing shows several digits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = SegmentSwitch(
            (
                Segment(False, self.tr("One digit"), self.tr("Read the drawing as one digit (N)")),
                Segment(True, self.tr("Number"), self.tr("Read the drawing as a number, from left to right (N)")),
            ),
            self.tr("One digit or a number"),
            takes_click_focus=False,  # the pad keeps the keyboard
        )
        self._models = ModelPicker()
        self._compare = QCheckBox(self.tr("Compare"))
        self._answers: list[DigitAnswer] = []
        self._on_stage = self._is_low = self._is_flat = self._is_narrow = self._is_stacked = False
        self._room = 0  # px, from top to bottom
        self._answer_row, self._models_row = hbox(spacing=_ANSWERS_GAP), hbox(spacing=8)
        self.meter = DigitScoreMeter()
        self.numbers = NumberAnswers()
        self._side_controls, self._foot = QWidget(), QWidget()  # above the answer, and below or beside it
        self._controls_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._side_controls)
        self._modes = _Modes()  # one digit, or a number
        self._heading = QLabel(self.tr("What the model sees"))
        self._show_steps = QCheckBox(self.tr("Show steps"))
        self.digit_image_view = DigitImageView()
        self.steps_view = StepsView()
        self.number_images_view = NumberImagesView()
        self.numbers_button = QPushButton(self.tr("Numbers…"))
        self.layers_button = QPushButton(self.tr("Layer by layer…"))
        self.inside_button = QPushButton(self.tr("Inside"))
        self.break_it_button = QPushButton(self.tr("Break it"))
        self._body, self._heading_row, self._image_row, self._views_row = (
            QBoxLayout(QBoxLayout.Direction.LeftToRight) for _ in range(4)
        )
        self._models.setMinimumWidth(px(104))
        for box in (self._compare, self._show_steps):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self._compare.setToolTip(self.tr("Show the answers of softmax, MLP and CNN side by side"))
        self._show_steps.setToolTip(self.tr("Show the steps from your drawing to the 28x28 pixels"))
        self.numbers_button.setToolTip(self.tr("The pixels as numbers, to look up and to copy"))
        self.layers_button.setToolTip(self.tr("Every layer's values and gradients for your drawing"))
        self.inside_button.setToolTip(self.tr("The network with the values of each layer, as you draw (I)"))
        self.break_it_button.setToolTip(self.tr("Turn, move or blur your drawing, and see when each model fails (B)"))
        for button in self._views:
            button.setProperty("role", "link")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self._heading.setProperty("role", "title")
        explain(self._side_controls, "draw#models")
        explain(self._modes, "draw#answer")
        explain(self._foot, "draw#steps")
        explain(self.switch, "draw#number")
        policy = self._show_steps.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._show_steps.setSizePolicy(policy)
        self._lay_out()

        self._models.model_requested.connect(self.model_requested)
        self._models.list_closed.connect(self.model_list_closed)
        self._compare.clicked.connect(self.compare_requested)
        self._show_steps.clicked.connect(self.steps_requested)
        self.numbers_button.clicked.connect(self._on_numbers_clicked)
        self.layers_button.clicked.connect(self._on_layers_clicked)
        self.inside_button.clicked.connect(self._on_inside_clicked)
        self.break_it_button.clicked.connect(self._on_break_it_clicked)

    def _lay_out(self) -> None:
        one_digit = QWidget()
        vbox(self._answer_row, self.meter, parent=one_digit, spacing=8)
        self._modes.addWidget(one_digit)
        self._modes.addWidget(self.numbers)
        self._modes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._image_row.setSpacing(px(16))
        self._image_row.addWidget(self.digit_image_view, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._image_row.addWidget(self.steps_view, 1, Qt.AlignmentFlag.AlignTop)
        self._image_row.addWidget(self.number_images_view, 1, Qt.AlignmentFlag.AlignTop)
        self.number_images_view.hide()
        layout = vbox(parent=self, spacing=8, margins=(0, 2, PANEL_MARGIN, 16))
        self._controls_row.setContentsMargins(0, 0, 0, px(4))
        self._controls_row.setSpacing(px(8))
        self._controls_row.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self._models_row.addWidget(self._models, 1)
        self._models_row.addWidget(self._compare)
        self._controls_row.addLayout(self._models_row, 1)
        layout.addWidget(self._side_controls)
        layout.addLayout(self._body)
        self._body.addWidget(self._modes, 1)
        self._body.addWidget(self._foot, 0, Qt.AlignmentFlag.AlignTop)
        self._heading_row.addWidget(self._heading, 1)
        self._heading_row.addWidget(self._show_steps)
        vbox(self._heading_row, self._image_row, self._views_row, parent=self._foot, spacing=8, margins=(0, 8, 0, 0))
        self._views_row.setSpacing(px(_GAP))
        for first in (0, 2):
            pair = hbox(*self._views[first : first + 2], spacing=_GAP)
            self._views_row.addLayout(pair)
            self._views_row.setAlignment(pair, Qt.AlignmentFlag.AlignLeft)
        self._views_row.addStretch()
        layout.addStretch()

    def set_stage(self, *, on: bool) -> None:
        """Show only the answer, or everything."""
        self._side_controls.setHidden(on)
        self._foot.setHidden(on)
        self.meter.setHidden(on)
        self._on_stage = on
        self._fit_modes()

    def fit(self, room: QSize) -> None:
        """Be lower, or narrower, if there is little room.

        Not decided from its own size: its smallest size depends on it, and so does the size that a scroll area gives
        it.
        """
        self._room = height = room.height()
        self._is_low = height < px(_FULL_HEIGHT) and not self._on_stage
        self._is_narrow = room.width() < px(_WIDTH_FOR_BARS)
        answers = max(px(max(_ANSWER_WIDTH, _CARD_WIDTH * len(self._answers))), self._answers_width)
        is_beside = self._is_low and room.width() >= answers + px(_COLUMN_GAP + _FOOT_WIDTH + PANEL_MARGIN)
        self._is_flat = not self._is_narrow and height < px(_STAGE_HEIGHT if self._on_stage else _ROOM_FOR_BARS)
        self._is_stacked = (self._is_flat or self._is_narrow) and not (
            self._on_stage and room.width() >= px(_STAGE_WIDTH_FOR_BARS)
        )
        for part in (self.digit_image_view, self.steps_view, self.number_images_view):
            part.set_low(on=self._is_low)
        for answer in self._answers:
            self._fit_answer(answer)
        self._fit_modes()
        self._fit_rows(room.width(), is_beside=is_beside)

    def _fit_rows(self, width: int, *, is_beside: bool) -> None:
        """Have the controls in one row each, or in two in a narrow panel."""
        directions = QBoxLayout.Direction
        self._body.setDirection(directions.LeftToRight if is_beside else directions.TopToBottom)
        self._body.setSpacing(px(_COLUMN_GAP if is_beside else 8))
        self._foot.setMinimumWidth(px(_FOOT_WIDTH) if is_beside else 0)
        self._foot.setMaximumWidth(px(_FOOT_WIDTH) if is_beside else UNLIMITED)
        rows = {
            self._controls_row: (self.switch, self._models, self._compare),
            self._models_row: (self._models, self._compare),
            self._heading_row: (self._heading, self._show_steps),
            self._views_row: self._views,
        }
        for row, parts in rows.items():
            is_wide = width >= _row_width(*parts) + px(PANEL_MARGIN)
            row.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
        is_wide = width >= self._answers_width + px(PANEL_MARGIN)
        self._answer_row.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
        self.meter.set_narrow(on=width < self.meter.least_width + px(PANEL_MARGIN))

    def _fit_modes(self) -> None:
        """On stage let the answer have the height that there is: what is hidden, and large bars, would need more."""
        is_flat, least, most = self._is_flat and not self._shows_number, 0, UNLIMITED
        if self._on_stage and not self._shows_number:
            least = px(_FLAT_HEIGHT if is_flat else _STAGE_HEIGHT - _FOOT)
            most = max(least, self._room - px(_FOOT))
            least = most if is_flat else least
        self._modes.fit_current(on=self._is_flat and not self._shows_number)
        self._modes.setMinimumHeight(least)
        self._modes.setMaximumHeight(most)
        if (layout := self.layout()) is not None:
            layout.setContentsMargins(0, 0 if self._on_stage else px(2), px(PANEL_MARGIN), px(_FOOT))

    def _fit_answer(self, answer: DigitAnswer) -> None:
        answer.bars.set_stage(on=self._on_stage)
        answer.set_low(on=self._is_low)
        answer.set_flat(on=self._is_flat, is_stacked=self._is_stacked)

    @property
    def least_width(self) -> int:
        """The smallest width beside the pad, px: the digit image is above the steps, and the controls are in two rows.

        `minimumSizeHint` depends on the present width: whether they are side by side now. Below the pad the panel may
        be narrower: the compared models are one below the other then.
        """
        views = (self.switch, self.numbers, self.digit_image_view, self.steps_view)
        widths = [self.meter.least_width, self._answers_width, *map(least_width, views)]
        rows = (self._heading,), (self._show_steps,), (self._models, self._compare), self._views[:2], self._views[2:]
        widths += [_row_width(*row) for row in rows]
        margins = self.contentsMargins() if (layout := self.layout()) is None else layout.contentsMargins()
        return max(widths) + margins.left() + margins.right()

    @property
    def _answers_width(self) -> int:
        """The smallest width of the answers side by side, px."""
        return _row_width(*self._answers, gap=_ANSWERS_GAP)

    @property
    def controls(self) -> dict[str, QWidget]:
        """The controls that a lesson may switch off, by their names in its file."""
        return {
            "models": self._models,
            "compare": self._compare,
            "numbers": self.switch,
            "steps": self._show_steps,
            "pixels": self.numbers_button,
            "layers": self.layers_button,
            "inside": self.inside_button,
            "break-it": self.break_it_button,
        }

    @property
    def _views(self) -> tuple[QPushButton, ...]:
        """The buttons that show more about one digit."""
        return self.numbers_button, self.layers_button, self.inside_button, self.break_it_button

    @property
    def answers(self) -> list[DigitAnswer]:
        """The answers from left to right; one unless models are compared."""
        return list(self._answers)

    @property
    def answer_texts(self) -> list[str]:
        """The large text of each model's answer: a digit or a number."""
        return self.numbers.answers if self._shows_number else [view.answer for view in self._answers]

    @property
    def spoken_answer(self) -> str:
        """The answers as a screen reader says them, each after the name of its model if several are compared."""
        if self._shows_number:
            return self.numbers.spoken_answer
        names = [f"{view.model_name}: " if view.model_name else "" for view in self._answers]
        return "; ".join(name + view.accessibleName() for name, view in zip(names, self._answers, strict=True))

    @property
    def names(self) -> list[str]:
        """The names of the compared models, from left to right; empty for a single model."""
        return [view.model_name for view in self._answers if view.model_name]

    def show_mode(self, *, is_number: bool) -> None:
        """Show the widgets for a number, or for one digit."""
        self.switch.choose(is_number)
        self._modes.setCurrentIndex(int(is_number))
        self._fit_modes()
        self.digit_image_view.setVisible(not is_number)
        self.number_images_view.setVisible(is_number)
        for button in self._views:
            button.setVisible(not is_number)
        self._show_steps.setVisible(not is_number)  # a number would need the steps of each digit
        self.show_steps(shown=self._show_steps.isChecked())

    @property
    def _shows_number(self) -> bool:
        return self._modes.currentWidget() is self.numbers

    def show_models(self, models: list[ModelEntry], chosen: ModelEntry) -> None:
        """Fill the list of models."""
        self._models.show_models(models, chosen)

    def show_comparison(self, models: list[ModelEntry], *, comparing: bool) -> None:
        """Show one answer, or one for each model."""
        self._compare.setChecked(comparing)
        for view in self._answers:
            self._answer_row.removeWidget(view)
            view.deleteLater()
        reason = self.tr("This model was not trained on digits, so drawings have no digit score.")
        self.meter.set_disabled_reason("" if any(recognises_digits(entry.card) for entry in models) else reason)
        self._answers = [DigitAnswer(compact=comparing) for _ in models]
        for view, entry in zip(self._answers, models, strict=True):
            view.show_model(display_name(entry) if comparing else "")
            self._fit_answer(view)
            view.number_requested.connect(self.number_requested)
            self._answer_row.addWidget(view, 1)
        self.numbers.show_comparison([display_name(entry) for entry in models] if comparing else [])

    def show_steps(self, *, shown: bool) -> None:
        """Show or hide the steps."""
        self._show_steps.setChecked(shown)
        self.steps_view.setVisible(shown and not self._shows_number)

    def show_nothing(self, reason: str) -> None:
        """Show no answer, and the reason."""
        for view in self._answers:
            view.show_prediction(None, reason)
        self.meter.show_score(None)
        self.numbers.show_nothing(reason)

    def show_answer(self, answer: Answer) -> None:
        """Show the models' answers."""
        if answer.question.as_number:
            self.numbers.show_answer(answer)
            return
        readings = answer.readings or (None,) * len(answer.predictions)
        rows = zip(self._answers, answer.predictions, readings, answer.question.models, strict=True)
        for view, prediction, reading, source in rows:
            if isinstance(prediction, Failure):
                view.show_failure(prediction.sentence, source if isinstance(source, Path) else None)
            else:
                several = 0 if reading is None else len(reading.digits)
                view.show_prediction(prediction, several=several, label=answer.question.drawing.label)
        self.digit_image_view.show_pixels(answer.image.pixels)
        self.steps_view.show_steps(answer.question.drawing, answer.image)
        scores = [p.digit_score for p in answer.predictions if not isinstance(p, Failure) and not p.is_blank]
        self.meter.show_score(next((score for score in scores if score is not None), None))

    @Slot()
    def _on_numbers_clicked(self) -> None:
        self.layers_requested.emit(True)

    @Slot()
    def _on_layers_clicked(self) -> None:
        self.layers_requested.emit(False)

    @Slot()
    def _on_inside_clicked(self) -> None:
        self.inside_requested.emit(True)

    @Slot()
    def _on_break_it_clicked(self) -> None:
        self.break_it_requested.emit(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_wide = event.size().width() >= px(_ROOM_FOR_A_ROW)
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._image_row.setDirection(direction)
        super().resizeEvent(event)


class _Modes(QStackedWidget):
    """Is as high as the highest page, so that nothing below moves, or as the page that is shown."""

    _fits_current = False

    def fit_current(self, *, on: bool) -> None:
        """Be as high as the page that is shown, or as the highest one."""
        self._fits_current = on
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return not self._fits_current and super().hasHeightForWidth()  # its layout would ask all pages

    def sizeHint(self) -> QSize:
        return self._fitted(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self._fitted(super().minimumSizeHint())

    def _fitted(self, size: QSize) -> QSize:
        page = self.currentWidget()
        if page is None or not self._fits_current:
            return size
        return QSize(size.width(), page.heightForWidth(self.width()))


def _row_width(*parts: QWidget, gap: int = _GAP) -> int:
    """Return the smallest width of a row, px; the layout of a hidden row keeps that of the former type."""
    shown = [part for part in parts if not part.isHidden() or part.sizePolicy().retainSizeWhenHidden()]
    widths = list(map(least_width, shown))
    return sum(widths) + px(gap) * max(0, len(widths) - 1)

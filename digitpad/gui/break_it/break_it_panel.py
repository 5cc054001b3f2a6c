"""The view "Break it": the controls, what the models get, their answers, and the curve."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import display_name
from digitpad.core.recognition.distorted_answers import Curve, DistortedAnswer
from digitpad.core.recognition.prediction import Prediction
from digitpad.gui.break_it.answer_card import AnswerCard
from digitpad.gui.break_it.controls import DistortionControls
from digitpad.gui.break_it.curve_view import CurveView
from digitpad.gui.break_it.pictures import DistortedPictures
from digitpad.gui.break_it.service import BreakItService
from digitpad.gui.break_it.texts import effect_text, name_text
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.session import Session
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.empty_page import EmptyPage
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.scroll_column import scroll_column

_WIDE = 560  # px at which the controls are beside the answers
_ROOMY = 420  # px of height at which the sentence about the distortion is below the plot, and not below the controls
_CONTROLS = (306, 400)  # the narrowest and the widest column of controls
_CARDS = 170  # px: height of the models' answers


class BreakItPanel(QFrame):
    """Shows what its service computes, and reports the controls' distortion to it."""

    close_requested = Signal()
    answered = Signal(object)  # DistortedAnswer
    problem_found = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "draw#break-it")
        self._service = service = BreakItService(session)
        self._title = QLabel(self.tr("Break it"))
        self.reset_button = QPushButton(self.tr("Reset all (R)"))
        self.close_button = QToolButton()
        self.empty_page, self._pages = EmptyPage(), QStackedWidget()
        self.controls, self.pictures, self.curve = DistortionControls(), DistortedPictures(), CurveView()
        self.cards: list[AnswerCard] = []
        self._curve_title, self._wanted_text, self._effect = FastLabel(), FastLabel(), QLabel()
        self._content, self._stage, self._column = QWidget(), QWidget(), QWidget()
        self._card_area, self._curve_area = QWidget(), QWidget()
        self._stage_grid = QGridLayout(self._stage)
        self._card_row = hbox(parent=self._card_area, spacing=6)
        self._parts = QBoxLayout(QBoxLayout.Direction.RightToLeft, self._content)
        self._touched, self._answer = "rotation", None
        self.setProperty("role", "card")
        self._title.setProperty("role", "title")
        self._curve_title.setProperty("role", "name")
        self._wanted_text.setProperty("role", "caption")
        self._effect.setProperty("role", "hint")
        self._effect.setWordWrap(True)
        self._effect.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reset_button.setProperty("role", "link")
        self.reset_button.setToolTip(self.tr("Set all sliders and the normalisation back to what the pad does"))
        self.close_button.setToolTip(self.tr("Close this view (B)"))
        self.close_button.setAccessibleName(self.tr("Close this view"))
        for button in (self.reset_button, self.close_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self._tint()
        self._lay_out()

        self.reset_button.clicked.connect(self.reset)
        self.close_button.clicked.connect(self.close_requested)
        self.empty_page.action_requested.connect(service.show_sample)
        self.controls.changed.connect(self._on_changed)
        service.answered.connect(self._on_answered)
        service.answered.connect(self.answered)
        service.curve_found.connect(self._on_curve_found)
        service.models_changed.connect(self._show_models)
        service.problem_found.connect(self.problem_found)

        self._show_models()
        self._show_effect()
        self.show_nothing()

    def _lay_out(self) -> None:
        heading = hbox(self._title, None, self.reset_button, self.close_button, spacing=8)
        self._stage_grid.setContentsMargins(0, 0, 0, 0)
        self._stage_grid.setSpacing(px(8))
        self._stage_grid.setColumnStretch(1, 1)
        self._column_layout = vbox(self.controls, parent=self._column, spacing=8)
        self._area = scroll_column(self._column)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(px(16))
        self._parts.addWidget(self._stage)
        self._parts.addWidget(self._area)
        self._pages.addWidget(self.empty_page)
        self._pages.addWidget(self._content)
        vbox(heading, (self._pages, 1), parent=self, spacing=4, margins=(12, 4, 8, 8))
        vbox(self._curve_title, self._wanted_text, (self.curve, 1), parent=self._curve_area, spacing=0)
        self._place_parts()

    def _place_parts(self) -> None:
        """Place the controls beside the answers, or below them in a narrow view."""
        is_wide = self.width() >= px(_WIDE)
        self.pictures.set_direction(is_column=not is_wide)
        if is_wide:
            self._parts.setDirection(QBoxLayout.Direction.RightToLeft)
            low, high = map(px, _CONTROLS)
            self._area.setMinimumWidth(low)
            self._area.setMaximumWidth(high)
            places = ((self.pictures, 0, 0, 1, 2), (self._card_area, 1, 0, 1, 2))
        else:
            self._parts.setDirection(QBoxLayout.Direction.TopToBottom)
            self._area.setMinimumWidth(0)
            self._area.setMaximumWidth(16777215)
            places = ((self.pictures, 0, 0, 1, 1), (self._card_area, 0, 1, 1, 1))
        if is_wide and self.height() >= px(_ROOMY):
            self._stage_grid.addWidget(self._effect, 3, 0, 1, 2)
        else:
            self._column_layout.addWidget(self._effect)
        self._wanted_text.setVisible(is_wide)
        self._card_area.setMaximumHeight(px(_CARDS) if is_wide else self.pictures.sizeHint().height())
        for part, *place in (*places, (self._curve_area, 2, 0, 1, 2)):
            self._stage_grid.addWidget(part, *place)

    @property
    def is_empty(self) -> bool:
        """Whether no answers are shown."""
        return self._pages.currentWidget() is self.empty_page

    @property
    def texts(self) -> tuple[str, str, str]:
        """The title of the curve, what digit it is about, and why the models mind the distortion."""
        return self._curve_title.text(), self._wanted_text.text(), self._effect.text()

    @property
    def is_settled(self) -> bool:
        """Whether everything that is shown is about the newest drawing and distortion."""
        return self._service.is_settled

    def set_active(self, *, active: bool) -> None:
        """Start or stop computing."""
        self._service.set_active(active=active)

    def show_nothing(self, reason: str = "") -> None:
        """Show why there are no answers: the reason, or that nothing is drawn."""
        self._service.show_nothing()
        self._show_page(reason)

    def _show_page(self, reason: str) -> None:
        invitation = self.tr(
            "Draw a digit, or take one from a data set. Then turn, move or blur it, and see when each model fails."
        )
        action = "" if reason else self.tr("Show a 7 from {}").format(self._service.sample_name)
        self.empty_page.set_content(self.tr("When does a model fail?"), reason or invitation, action, icon="draw")
        self._pages.setCurrentWidget(self.empty_page)

    def show_drawing(self, drawing: Drawing) -> None:
        """Distort a drawing with some ink; the models may have to be loaded first."""
        if self.is_empty:
            self._show_page(self.tr("Loading the models…"))
        self.controls.show_strokes(has_strokes=bool(drawing.ink))
        self._service.show_drawing(drawing)

    @Slot()
    def reset(self) -> None:
        """Undo all distortions."""
        self.controls.reset()
        self._distort()

    @Slot(str)
    def _on_changed(self, name: str) -> None:
        self._touched = name or self._touched
        self._distort()

    def _distort(self) -> None:
        self._show_effect()
        self._service.distort(self.controls.distortion, self._touched)

    @Slot()
    def _show_models(self) -> None:
        names = [display_name(entry) for entry in self._service.models]
        if names != [card.accessibleName() for card in self.cards]:
            self._replace_cards(names)

    def _replace_cards(self, names: Sequence[str]) -> None:
        for card in self.cards:
            self._card_row.removeWidget(card)
            card.deleteLater()
        self.cards = [AnswerCard(name, number) for number, name in enumerate(names)]
        for card in self.cards:
            self._card_row.addWidget(card, 1)
        self.curve.show_models(names)

    @Slot(object)
    def _on_answered(self, answer: DistortedAnswer) -> None:
        if len(answer.predictions) != len(self.cards):
            return  # of the models before
        self._answer = answer
        self._pages.setCurrentWidget(self._content)
        pen_width = answer.subject.pen_width * answer.distortion.pen
        self.pictures.show_pictures(answer.drawing, answer.pixels, pen_width)
        for card, prediction in zip(self.cards, answer.predictions, strict=True):
            card.show_answer(prediction, answer.wanted)
        self._show_mark()

    @Slot(object)
    def _on_curve_found(self, curve: Curve) -> None:
        if len(curve.shares) != len(self.cards):
            return
        self.curve.show_curve(curve)
        title, name = self.tr("Probability of {digit} over “{name}”"), name_text(curve.name)
        self._curve_title.setText(title.format(digit=curve.wanted, name=name))
        labelled = self.tr("{digit} is the label.")
        read = self.tr("{digit} is what {model} read before any distortion.")
        text, reader = read if curve.subject.label is None else labelled, self.cards[curve.subject.reader]
        self._wanted_text.setText(text.format(digit=curve.wanted, model=reader.accessibleName()))
        self._curve_area.setToolTip(self._wanted_text.text())
        self._show_mark()

    def _show_mark(self) -> None:
        curve, answer = self.curve.curve, self._answer
        if curve is None or answer is None:
            return
        shares = [
            float(one.probabilities[curve.wanted]) if isinstance(one, Prediction) else None
            for one in answer.predictions
        ]
        self.curve.show_mark(float(getattr(answer.distortion, curve.name)), shares)

    def _show_effect(self) -> None:
        self._effect.setText(effect_text(self._touched, self.controls.distortion.normalisation))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_parts()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.close_button.setIcon(line_icon("close"))

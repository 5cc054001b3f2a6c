"""The view "Break it": the controls, what the models get, their answers, and the curve."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from digitpad.core.ink.drawing import Drawing
from digitpad.core.models.model_files import display_name
from digitpad.core.recognition.distorted_answers import Curve, DistortedAnswer
from digitpad.core.recognition.prediction import Prediction
from digitpad.gui.break_it.answer_rows import AnswerRow, AnswerRows
from digitpad.gui.break_it.controls import DistortionControls
from digitpad.gui.break_it.curve_view import CurveView
from digitpad.gui.break_it.pictures import DistortedPictures
from digitpad.gui.break_it.service import BreakItService
from digitpad.gui.break_it.texts import curve_title
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.empty_page import EmptyPage
from digitpad.gui.widgets.scroll_column import SCROLL_BAR, scroll_column
from digitpad.gui.widgets.side_panel import SidePanel

_FLAT = 1.7  # times as wide as high: the controls are beside the answers
_TALL = 500  # px of height at which there is room for the line that says which digit the curve is about
_SLACK = 20  # px, a line of text, that the controls below the answers leave to them if one of their lines needs two
_CONTROLS = 306  # px: width of the controls beside the answers
_LEAST_PICTURE, _PICTURE_SHARE, _NARROW = 56, 0.27, 330  # px; their width grows with that of the answers above _NARROW


class BreakItPanel(SidePanel):
    """Shows what its service computes, and reports the controls' distortion to it."""

    answered = Signal(object)  # DistortedAnswer
    problem_found = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Break it"), "B", parent)
        explain(self, "draw#break-it")
        self._service = service = BreakItService(session)
        self.reset_button = QPushButton(self.tr("Reset all (R)"))
        self.empty_page, self._pages = EmptyPage(), QStackedWidget()
        self.controls, self.pictures, self.curve = DistortionControls(), DistortedPictures(), CurveView()
        self.answers = AnswerRows()
        self._curve_title, self._wanted_text = QLabel(), QLabel()
        self._content, self._results = QWidget(), _Results()
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._content)
        self._touched, self._answer = "rotation", None
        self._curve_title.setProperty("role", "name")
        self._wanted_text.setProperty("role", "caption")
        for label in (self._curve_title, self._wanted_text):
            label.setWordWrap(True)
        self.reset_button.setProperty("role", "link")
        self.reset_button.setToolTip(self.tr("Set all sliders and the normalisation back to what the pad does"))
        self.reset_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self._lay_out()

        self.reset_button.clicked.connect(self.reset)
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
        heading = hbox(self.title, None, self.reset_button, self.close_button, spacing=8)
        answers = vbox(self.answers, self._curve_title, self._wanted_text, (self.curve, 1), spacing=2)
        self._row = hbox(self.pictures, (answers, 1), parent=self._results, spacing=12)
        self._area = scroll_column(self.controls)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(px(8))
        self._parts.addWidget(self._results, 1)
        self._parts.addWidget(self._area)
        self._pages.addWidget(self.empty_page)
        self._pages.addWidget(self._content)
        vbox(heading, (self._pages, 1), parent=self, spacing=4, margins=(12, 4, 8, 8))
        self._place_parts()

    def _place_parts(self) -> None:
        """Place the controls below the answers, or beside them in a flat view; they scroll if there is little room."""
        room, is_flat = self._pages.size(), self.width() > _FLAT * self.height()
        self._wanted_text.setVisible(self.height() >= px(_TALL))
        directions = QBoxLayout.Direction
        self._parts.setDirection(directions.RightToLeft if is_flat else directions.TopToBottom)
        width = px(_CONTROLS) if is_flat else room.width()
        needed = self.controls.height_for(width - px(SCROLL_BAR))
        results = room.width() - (width + self._parts.spacing() if is_flat else 0)
        share = max(0, results - px(_NARROW)) * _PICTURE_SHARE
        least = max(px(_LEAST_PICTURE), self.pictures.minimumSizeHint().width())
        self.pictures.setFixedWidth(least + round(share))
        left = room.height() - self._row.minimumHeightForWidth(results) - self._parts.spacing()
        if is_flat:
            self._area.setMinimumSize(width, 0)
            self._area.setMaximumSize(width, room.height())
        else:
            slack = px(_SLACK) if needed <= left else 0  # else the controls scroll, and need each line
            self._area.setMinimumSize(0, max(0, min(needed, left) - slack))
            self._area.setMaximumSize(room.width(), max(0, min(needed, left)))

    @property
    def rows(self) -> list[AnswerRow]:
        """The models' answers."""
        return self.answers.rows

    @property
    def is_empty(self) -> bool:
        """Whether no answers are shown."""
        return self._pages.currentWidget() is self.empty_page

    @property
    def texts(self) -> tuple[str, str, str]:
        """The title of the curve, what digit it is about, and why the models mind the distortion."""
        return self._curve_title.text(), self._wanted_text.text(), self.controls.effect

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
        if names != self.answers.names:
            self.answers.show_models(names)
            self.curve.show_models(names)

    @Slot(object)
    def _on_answered(self, answer: DistortedAnswer) -> None:
        if len(answer.predictions) != len(self.rows):
            return  # of the models before
        self._answer = answer
        self._pages.setCurrentWidget(self._content)
        pen_width = answer.subject.pen_width * answer.distortion.pen
        self.pictures.show_pictures(answer.drawing, answer.pixels, pen_width)
        self.answers.show_answer(answer)
        self._show_mark()

    @Slot(object)
    def _on_curve_found(self, curve: Curve) -> None:
        if len(curve.shares) != len(self.rows):
            return
        self.curve.show_curve(curve)
        self._curve_title.setText(curve_title(curve.name, curve.wanted))
        labelled = self.tr("{digit} is the label.")
        read = self.tr("{digit} is what {model} read before any distortion.")
        text, reader = read if curve.subject.label is None else labelled, self.rows[curve.subject.reader]
        self._wanted_text.setText(text.format(digit=curve.wanted, model=reader.accessibleName()))
        for widget in (self._curve_title, self.curve):
            widget.setToolTip(self._wanted_text.text())
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
        self.controls.show_effect(self._touched)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_parts()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():  # another zoom, or number of models
            self._place_parts()
        return done


class _Results(QWidget):
    """Can be as low as its least height: a layout gives a part whose height depends on its width the usual one."""

    def hasHeightForWidth(self) -> bool:
        return False

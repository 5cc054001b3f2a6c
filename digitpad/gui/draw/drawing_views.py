"""The views that follow the drawing: Inside and Break it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from digitpad.core.models.model_files import display_name
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.canvas import InkCanvas
from digitpad.gui.session.session import Session

if TYPE_CHECKING:  # they are loaded when they are first shown
    from digitpad.gui.break_it.break_it_panel import BreakItPanel
    from digitpad.gui.inside.inside_panel import InsidePanel


class DrawingViews(QObject):
    """Creates each view when it is first shown, and tells it about the drawing and the newest answer."""

    inside_closed = Signal()
    break_it_closed = Signal()
    problem_found = Signal(str)

    def __init__(self, session: Session, canvas: InkCanvas, tab: QWidget) -> None:
        super().__init__(tab)
        self._session, self._canvas, self._tab = session, canvas, tab
        self.inside: InsidePanel | None = None
        self.break_it: BreakItPanel | None = None
        self._answer: Answer | None = None  # the newest one

    @property
    def shows_inside(self) -> bool:
        """Whether Inside is shown."""
        return self.inside is not None and not self.inside.isHidden()

    @property
    def shows_break_it(self) -> bool:
        """Whether Break it is shown."""
        return self.break_it is not None and not self.break_it.isHidden()

    def show_inside(self, *, shown: bool) -> None:
        """Show or hide the network for the drawing."""
        self._session.settings.shows_inside = shown
        if shown and self.inside is None:
            self.inside = self._create_inside()
        if self.inside is not None:
            self._show(self.inside, shown=shown)
        self.show_loading()
        self._session.recognition.look_inside(enabled=shown)
        self._session.inside.set_active(active=shown and self._tab.isVisible())
        if not shown:
            self._session.inside.forget_units()

    def show_break_it(self, *, shown: bool) -> None:
        """Show or hide the distortions of the drawing."""
        self._session.settings.shows_break_it = shown
        if shown and self.break_it is None:
            self.break_it = self._create_break_it()
        if self.break_it is not None:
            self._show(self.break_it, shown=shown)
            self.break_it.set_active(active=shown and self._tab.isVisible())
        self.follow()
        self.show_loading()

    def set_active(self, *, active: bool) -> None:
        """Let the views compute, if they are shown, or not."""
        self._session.inside.set_active(active=active and self.shows_inside)
        if self.break_it is not None:
            self.break_it.set_active(active=active and self.shows_break_it)

    def show_model(self) -> None:
        """Show the name of the chosen model."""
        if self.inside is not None:
            self.inside.show_model(display_name(self._session.models.chosen))

    def show_loading(self) -> None:
        """Show that the model is still being loaded, if something is drawn already."""
        is_answered = self._session.recognition.is_ready and self._answer is not None
        if is_answered or not self._canvas.current_drawing:
            return
        loading = self.tr("Loading the model. You can already draw.")
        if self.break_it is not None:
            self.break_it.show_nothing(loading)
        if self.shows_inside:
            self._session.inside.show_nothing(loading)

    def show_answer(self, answer: Answer) -> None:
        """Follow the drawing of an answer."""
        self._answer = answer
        self.follow()
        if not self._tab.isVisible():
            self._session.layers.note_answer(answer, self._session.models.chosen)

    def follow(self) -> None:
        """Follow the drawing through the layers of the chosen model, while its page is shown."""
        if self._answer is not None and self._tab.isVisible():
            self._session.layers.show_answer(self._answer, self._session.models.chosen)
            self._follow_inside(self._answer)
            self._follow_break_it(self._answer)

    def _follow_break_it(self, answer: Answer) -> None:
        if self.break_it is None or not self.shows_break_it:
            return
        if answer.question.as_number:
            self.break_it.show_nothing(self.tr("A number is several digits. Press N to read one digit."))
        elif answer.image.is_blank:
            self.break_it.show_nothing()
        else:
            self.break_it.show_drawing(answer.question.drawing)

    def _follow_inside(self, answer: Answer) -> None:
        inside = self._session.inside
        if answer.question.as_number:
            inside.show_nothing(self.tr("A number is several digits. Press N to read one digit."))
        elif answer.image.is_blank:
            inside.show_nothing()
        else:
            source, question = self._session.models.chosen.source, answer.question
            is_newest = question.chosen == source and question.switched_off == inside.switched_off
            if self.inside is not None:
                self.inside.set_answered(is_answered=_has_digit(answer))
            inside.show_image(source, answer.image.pixels, answer.activations if is_newest else None)

    def _create_inside(self) -> "InsidePanel":
        from digitpad.gui.inside.inside_panel import InsidePanel

        panel = InsidePanel(self._session.inside, self._tab)
        panel.show_model(display_name(self._session.models.chosen))
        panel.close_requested.connect(self.inside_closed)
        return panel

    def _create_break_it(self) -> "BreakItPanel":
        from digitpad.gui.break_it.break_it_panel import BreakItPanel

        panel = BreakItPanel(self._session, self._tab)
        panel.close_requested.connect(self.break_it_closed)
        panel.problem_found.connect(self.problem_found)
        return panel

    def _show(self, view: QWidget, *, shown: bool) -> None:
        focused = self._tab.focusWidget()
        had_focus = focused is not None and view.isAncestorOf(focused)
        view.setVisible(shown)
        if had_focus:  # Qt would give it to the bar of tabs, where I, B and T do nothing
            self._canvas.setFocus()


def _has_digit(answer: Answer) -> bool:
    """Return whether the chosen model takes the drawing for a digit, and is sure enough."""
    models = zip(answer.question.models, answer.predictions, strict=True)
    return any(
        source == answer.question.chosen and isinstance(prediction, Prediction) and prediction.digit is not None
        for source, prediction in models
    )

"""The Draw tab: the pad and, beside it, the answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from digitpad.core.ink.drawing import EMPTY, NUMBER_PEN_WIDTH, PEN_WIDTH, Drawing
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.models.switched_off import Unit
from digitpad.core.recognition.number import may_be_several
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.translation import tr_noop
from digitpad.gui.draw.answer.answer_announcer import AnswerAnnouncer
from digitpad.gui.draw.answer.answer_panel import PANEL_MARGIN, AnswerPanel
from digitpad.gui.draw.canvas import InkCanvas, Tool
from digitpad.gui.draw.digit_boxes import DigitBoxes
from digitpad.gui.draw.drawing_views import DrawingViews
from digitpad.gui.draw.label_actions import LabelActions
from digitpad.gui.draw.label_buttons import LabelButtons
from digitpad.gui.draw.layout import (
    Arrangement,
    Needs,
    arrange,
    arrange_with_break_it,
    arrange_with_inside,
    arrange_with_teach,
)
from digitpad.gui.draw.number_labels import NumberLabels
from digitpad.gui.draw.number_mode import NumberMode
from digitpad.gui.draw.toolbar import Toolbar
from digitpad.gui.draw.welcome import Welcome
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.pad_follower import Followed
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.form_metrics import SMALLEST_DRAW_TAB
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.scroll_column import scroll_area, scroll_to
from digitpad.gui.widgets.shortcut_override import DIGITS, HandledKeys
from digitpad.gui.widgets.side_panel import SidePanel

if TYPE_CHECKING:  # they are loaded when they are first shown
    from digitpad.gui.break_it.break_it_panel import BreakItPanel
    from digitpad.gui.inside.inside_panel import InsidePanel
    from digitpad.gui.teach.teach_panel import TeachPanel

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
# A digit of several strokes is drawn with shorter rests.
_REST_MS = 250


class DrawTab(QWidget):
    """Connects canvas, session and panel. `tools` are the window's actions; None is a separator."""

    HANDLED_KEYS = (
        HandledKeys(DIGITS, tr_noop("save the drawing to My digits with this label")),
        HandledKeys(("Alt+Left", "Alt+Right"), tr_noop("go to another digit of a number, to label it")),
        HandledKeys(("Return",), tr_noop("keep the digit that “Teach it” asks for")),
    )

    inside_requested = Signal(bool)
    break_it_requested = Signal(bool)
    teach_requested = Signal(bool)

    _panel_needs = 0  # px, as of the last arrangement
    _is_outdated = False  # whether the arrangement waits for the end of a stroke
    _before_teach = EMPTY, False  # the drawing that made way for the digits that are asked for; whether it was a number

    def __init__(self, session: Session, tools: list[QAction | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._toolbar = Toolbar(tools, self)
        self.canvas = InkCanvas(self)
        self.boxes = DigitBoxes(self.canvas)
        self.messages = MessageBar(self)
        self.label_buttons = LabelButtons(self)
        self.panel = AnswerPanel()
        self._scroll = scroll_area(self.panel)
        self._scroll.setParent(self)
        self.views = DrawingViews(session, self.canvas, self)
        self.welcome = Welcome(session, self.canvas, self)
        self.teach: TeachPanel | None = None
        # One digit is answered at once; whether there are several is sought when the pen rests.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._label_actions = LabelActions(session, self.label_buttons, self.messages, self)
        self._number_labels = NumberLabels(session, self.label_buttons, self.boxes, self.messages, self)
        NumberMode(session, self.canvas, self.boxes, self.panel, self)
        AnswerAnnouncer(session, self.canvas, self.panel, self)

        self.setMinimumSize(px(SMALLEST_DRAW_TAB))
        explain(self, "draw")
        explain(self.label_buttons, "draw#label")

        self.canvas.ink_changed.connect(self._on_ink_changed)
        self.canvas.edited.connect(session.pad.change)
        self.canvas.stroke_ended.connect(self._on_stroke_ended)
        session.pad.drawing_changed.connect(self.canvas.show_drawing)
        session.recognition.answered.connect(self._on_answered)
        session.models.entries_changed.connect(self._on_models_changed)
        session.models.chosen_changed.connect(self._on_model_changed)
        session.models.comparing_changed.connect(self._on_comparison_changed)
        session.recognition.reads_numbers_changed.connect(self._on_reading_changed)
        session.models.chosen_updated.connect(self._on_live_model_changed)
        session.problem_found.connect(self.messages.warn)
        for succeeded in (session.opened, session.pad.drawing_changed, session.models.chosen_changed):
            succeeded.connect(self.messages.hide_warning)
        self.views.problem_found.connect(self.messages.warn)
        self.views.inside_closed.connect(self.close_view)
        self.views.break_it_closed.connect(self.close_view)
        session.inside.switched_off_changed.connect(self._on_switched_off_changed)
        session.pad_follower.followed.connect(self._on_pad_followed)
        session.pad_follower.left.connect(self._on_pad_left)
        self._connect_panel()
        self._connect_labels()
        self._rest.timeout.connect(self._recognise_again)

        self.panel.meter.show_threshold(session.settings.threshold)
        self.show_steps(session.settings.shows_steps)
        self._on_models_changed()
        self._show_mode()
        self._refresh_answers()
        self.welcome.shown_changed.connect(self._arrange)
        self.welcome.begin()

    def _connect_labels(self) -> None:
        self.canvas.stroke_started.connect(self.messages.hide_temporary)
        self.canvas.stroke_started.connect(self._label_actions.clear)
        self.label_buttons.label_requested.connect(self._keep)
        self._label_actions.kept_changed.connect(self._on_kept_changed)
        self._number_labels.all_kept.connect(self._on_number_kept)
        self._session.my_digits.problem_found.connect(self._on_my_digits_problem_found)

    def _connect_panel(self) -> None:
        session = self._session
        self.panel.installEventFilter(self)
        self.panel.model_requested.connect(session.models.choose)
        self.panel.model_list_closed.connect(self.canvas.setFocus)
        self.panel.compare_requested.connect(session.models.set_comparing)
        self.panel.switch.chosen.connect(session.recognition.set_reads_numbers)
        self.panel.steps_requested.connect(self.show_steps)
        self.panel.meter.guide_requested.connect(session.guide_requested)
        self.panel.meter.threshold_requested.connect(self._on_threshold_requested)
        self.panel.inside_requested.connect(self.inside_requested)
        self.panel.break_it_requested.connect(self.break_it_requested)
        self.panel.layers_requested.connect(session.layers.window_requested)
        self.panel.number_requested.connect(self._on_number_requested)

    def set_stage(self, *, on: bool) -> None:
        """Show only the pad, the answer and the views, or everything."""
        self._toolbar.setHidden(on)
        self.label_buttons.setHidden(on)
        self.panel.set_stage(on=on)
        self._arrange()

    @Slot(bool)
    def show_steps(self, shown: bool) -> None:
        """Show or hide the steps from drawing to digit image."""
        self._session.settings.shows_steps = shown
        self.panel.show_steps(shown=shown)

    @Slot(bool)
    def show_inside(self, shown: bool) -> None:
        """Show or hide the network for the drawing."""
        self.views.show_inside(shown=shown)
        self._arrange()
        self._scroll_to_view()

    @Slot(bool)
    def show_break_it(self, shown: bool) -> None:
        """Show or hide the distortions of the drawing."""
        self.views.show_break_it(shown=shown)
        self._arrange()
        self._scroll_to_view()

    @Slot(bool)
    def show_teach(self, shown: bool) -> None:
        """Show or hide the view that asks for each digit three times."""
        if shown and self.teach is None:
            self.teach = self._create_teach()
        if self.teach is not None and self.teach.isHidden() == shown:
            self.teach.setVisible(shown)
            if shown:
                self._before_teach = self._session.pad.drawing, self._session.recognition.reads_numbers
                self._session.recognition.set_reads_numbers(False)  # My digits holds single digits
                self._session.pad.clear()  # what was drawn before is not the digit that is asked for
            elif not self._session.pad.drawing:
                drawing, reads_numbers = self._before_teach
                self._session.recognition.set_reads_numbers(reads_numbers)
                if drawing:
                    self._session.pad.bring_back(drawing, self.tr("bring the drawing back"))
        self._arrange()
        self._scroll_to_view()
        self._show_mode()
        self.canvas.setFocus()

    @property
    def inside(self) -> "InsidePanel | None":
        """The view "Inside", if it was ever shown."""
        return self.views.inside

    @property
    def break_it(self) -> "BreakItPanel | None":
        """The view "Break it", if it was ever shown."""
        return self.views.break_it

    @property
    def view(self) -> SidePanel | None:
        """The view that is shown beside the pad."""
        views = self.inside, self.break_it, self.teach
        return next((view for view in views if view is not None and not view.isHidden()), None)

    @Slot()
    def close_view(self) -> None:
        """Close the view beside the pad; the pad takes the keyboard."""
        for requested in (self.inside_requested, self.break_it_requested, self.teach_requested):
            requested.emit(False)
        self.canvas.setFocus()

    @Slot(bool)
    def start_afresh(self, wanted: bool) -> None:
        """Let the first stroke after a drawing was kept begin a new drawing, or not."""
        self._session.settings.starts_afresh = wanted
        self.canvas.starts_afresh = False

    @Slot(bool)
    def use_eraser(self, chosen: bool) -> None:
        """Choose the eraser or the pen."""
        self.canvas.set_tool(Tool.ERASER if chosen else Tool.PEN)

    def set_pen_scale(self, scale: float) -> None:
        """Choose one of PEN_SCALES as the width of the pen; the answer does not depend on it."""
        self._session.settings.pen_scale = scale
        self._show_mode()
        self.views.follow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if (page := self.parentWidget()) is not None:
            page.installEventFilter(self)  # the tab may be larger than what is in view, and keep its size
        self.views.follow()
        self.views.set_active(active=True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.views.set_active(active=False)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The panel's needs change when it gets its style, and with the zoom.
        kind = event.type()
        is_changed = kind == QEvent.Type.LayoutRequest and self.panel.least_width != self._panel_needs
        if is_changed or (kind == QEvent.Type.Resize and watched is not self.panel):
            self._arrange()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.text()
        others = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if len(digit) == 1 and digit in "0123456789" and not others and not event.isAutoRepeat():
            self._keep(int(digit))
        elif event.key() in _STEPS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._number_labels.move(_STEPS[Qt.Key(event.key())])
        elif event.key() in _ENTER and self._shows_teach and self.teach is not None and not self._has_button_focus:
            self.teach.keep_wanted()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _arrange(self) -> None:
        self._is_outdated = self.canvas.is_drawing
        if self._is_outdated:  # the pad does not move under the pen
            return
        choose, needs, page = self._choose_arrangement(), self._needs(), self.parentWidget() or self
        self._panel_needs = needs.panel
        places = choose(self.size(), needs, page.height())
        self.setMinimumSize(px(QSize(places.least_width, places.least_height)))
        places = choose(self.size(), needs, page.height())  # the size may be another one now
        self._toolbar.set_row(is_row=places.toolbar_is_row)
        self.label_buttons.set_rows(places.rows_of_keys)
        self._toolbar.setGeometry(places.toolbar)
        self.canvas.setGeometry(places.pad)
        self.boxes.setGeometry(self.canvas.rect())
        self.label_buttons.setGeometry(places.keys)
        # The scroll bar is in the page's margin.
        self._scroll.setGeometry(places.panel.adjusted(0, 0, px(PANEL_MARGIN), 0))
        self.panel.fit(places.panel.size())
        self._scroll.setVisible(not places.panel.isEmpty() and not self.welcome.is_shown)
        self.welcome.set_place(places.panel)
        for view in filter(None, (self.inside, self.break_it, self.teach)):
            view.setGeometry(places.view)

    @Slot()
    def _on_stroke_ended(self) -> None:
        if self._is_outdated:
            self._arrange()

    def _choose_arrangement(self) -> Callable[[QSize, Needs, int], Arrangement]:
        if self._shows_teach:
            return arrange_with_teach
        if self.views.shows_break_it:
            return arrange_with_break_it
        return arrange_with_inside if self.views.shows_inside else arrange

    def _needs(self) -> Needs:
        if self._toolbar.isHidden():  # on stage
            return Needs(panel=self.panel.least_width)
        rows, columns = (self._toolbar.size_needed(is_row=is_row) for is_row in (True, False))
        keys, low_keys = (self.label_buttons.size_needed(count) for count in (1, 2))
        return Needs(rows, columns, keys, low_keys, self.panel.least_width)

    def _scroll_to_view(self) -> None:
        """Scroll to the top of the view that was opened, in a window that is too small for it and the pad."""
        if (view := self.view) is not None and self.isVisible():
            scroll_to(view)
            if view is self.teach:
                scroll_to(self.canvas)  # what to draw is said there too

    @property
    def _has_button_focus(self) -> bool:
        return isinstance(self.focusWidget(), QAbstractButton)

    @property
    def _shows_teach(self) -> bool:
        return self.teach is not None and not self.teach.isHidden()

    def _create_teach(self) -> "TeachPanel":
        from digitpad.gui.teach.teach_panel import TeachPanel

        panel = TeachPanel(self._session, self)
        panel.hide()
        panel.keep_requested.connect(self._label_actions.keep)
        panel.close_requested.connect(self.close_view)
        panel.pad_requested.connect(self.close_view)
        panel.wanted_changed.connect(self._show_mode)
        self._label_actions.ready_changed.connect(panel.show_ready)
        panel.show_ready(self.label_buttons.is_ready)
        return panel

    @Slot(int)
    def _keep(self, label: int) -> None:
        """Save the drawing, or the marked digit of a number, with a label."""
        is_number = self._session.recognition.reads_numbers
        (self._number_labels.keep if is_number else self._label_actions.keep)(label)

    @Slot()
    def _on_number_kept(self) -> None:
        self._on_kept_changed(was_kept=True)

    @Slot(bool)
    def _on_kept_changed(self, was_kept: bool) -> None:
        self.canvas.starts_afresh = was_kept and self._session.settings.starts_afresh

    @Slot(object)
    def _on_ink_changed(self, drawing: Drawing) -> None:
        self._session.recognition.recognise(drawing)
        is_number = self._session.recognition.reads_numbers
        if not self.canvas.is_drawing and not is_number and may_be_several(drawing):
            self._rest.start(_REST_MS if drawing.picture is None else 0)
        else:
            self._rest.stop()
        if not drawing:
            self._clear_answers()
        self.views.show_loading()

    @Slot()
    def _recognise_again(self) -> None:
        is_at_rest = not self.canvas.is_drawing
        self._session.recognition.recognise(self.canvas.current_drawing, seeks_several=is_at_rest)

    @Slot()
    def _on_number_requested(self) -> None:
        self._session.recognition.set_reads_numbers(True)
        self.canvas.setFocus()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if self.canvas.current_drawing and not answer.question.drawing:
            return  # of the empty pad, while the model was being loaded
        if len(answer.predictions) == len(self.panel.answers):
            self.panel.show_answer(answer)
        self.views.show_answer(answer)
        if not answer.question.drawing:
            self._clear_answers()

    def _clear_answers(self) -> None:
        ready = self._session.recognition.is_ready
        loading = self.tr("Loading the model. You can already draw.")
        one_digit = self.tr("The answer appears here as you draw.")
        number = self.tr("Write a number; it is read from left to right.")
        prompt = number if self._session.recognition.reads_numbers else one_digit
        self.panel.show_nothing(prompt if ready else loading)

    def _show_mode(self) -> None:
        is_number = self._session.recognition.reads_numbers
        self.panel.show_mode(is_number=is_number)
        self.canvas.set_pen_width((NUMBER_PEN_WIDTH if is_number else PEN_WIDTH) * self._session.settings.pen_scale)
        text = self.tr("Write a number") if is_number else self.tr("Draw a digit, 0 to 9")
        if self._shows_teach and self.teach is not None and self.teach.wanted is not None:
            text = self.tr("Draw a {}").format(self.teach.wanted)
        self.canvas.set_placeholder(text)

    def _refresh_answers(self) -> None:
        self.panel.show_comparison(self._session.models.compared, comparing=self._session.models.is_comparing)
        self._arrange()
        self._clear_answers()

    @Slot()
    def _on_models_changed(self) -> None:
        self.panel.show_models(self._session.models.entries, self._session.models.chosen)
        self.views.show_model()

    @Slot()
    def _on_model_changed(self) -> None:
        self._session.inside.forget_model()
        self._on_models_changed()
        self._on_comparison_changed()

    @Slot(object)
    def _on_switched_off_changed(self, units: frozenset[Unit]) -> None:
        self._session.recognition.switch_off(units)
        self._recognise_again()

    @Slot(object)
    def _on_live_model_changed(self, _entry: ModelEntry) -> None:
        # Places and focus do not change, because the user may be drawing.
        self._on_models_changed()
        self._recognise_again()

    @Slot(object)
    def _on_pad_followed(self, followed: Followed) -> None:
        if self.isVisible():  # otherwise the Train tab shows it
            self.messages.offer(followed.sentence, followed.way_back, self._session.pad_follower.go_back)

    @Slot(object)
    def _on_pad_left(self, followed: Followed) -> None:
        self.messages.retract(followed.sentence)

    @Slot()
    def _on_comparison_changed(self) -> None:
        self._refresh_answers()
        self._recognise_again()

    @Slot()
    def _on_reading_changed(self) -> None:
        self._show_mode()
        self._clear_answers()
        self._recognise_again()

    @Slot(float)
    def _on_threshold_requested(self, threshold: float) -> None:
        self._session.settings.threshold = threshold
        self._recognise_again()

    @Slot(str)
    def _on_my_digits_problem_found(self, sentence: str) -> None:
        if self.isVisible():
            self.messages.warn(sentence)  # otherwise the My digits tab shows it

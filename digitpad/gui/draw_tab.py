"""The Draw tab: the pad, and beside it the answer."""

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from digitpad.core.drawing import Drawing
from digitpad.core.recognition import Answer
from digitpad.core.storage import ModelEntry
from digitpad.gui.answer_panel import PANEL_MARGIN, AnswerPanel
from digitpad.gui.arrangement import SMALLEST_TAB, arrange
from digitpad.gui.canvas import InkCanvas, Tool
from digitpad.gui.message_bar import MessageBar
from digitpad.gui.session import Session


class DrawTab(QWidget):
    """Joins canvas, session and panel. The actions are the window's; None stands for a gap."""

    def __init__(self, session: Session, tools: list[QAction | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._toolbar = _toolbar(tools, self)
        self.canvas = InkCanvas(self)
        self.panel = AnswerPanel()
        self._scroll = QScrollArea(self)
        self.messages = MessageBar(self)

        self._scroll.setWidget(self.panel)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(SMALLEST_TAB)
        self.messages.raise_()

        self.canvas.stroke_started.connect(self.messages.hide)
        self.canvas.ink_changed.connect(self._on_ink_changed)
        self.canvas.edited.connect(session.pad.change)
        session.pad.drawing_changed.connect(self.canvas.show_drawing)
        session.answered.connect(self._on_answered)
        session.models_changed.connect(self._on_models_changed)
        session.model_changed.connect(self._on_model_changed)
        session.comparing_changed.connect(self._on_comparison_changed)
        session.live_model_changed.connect(self._on_live_model_changed)
        session.problem_found.connect(self._on_problem_found)
        self.panel.model_requested.connect(session.choose_model)
        self.panel.compare_requested.connect(self._on_compare_requested)
        self.panel.steps_requested.connect(self.show_steps)
        self.messages.installEventFilter(self)

        self.show_steps(session.settings.shows_steps)
        self._on_models_changed()
        self._renew_answers()

    @Slot(bool)
    def show_steps(self, shown: bool) -> None:
        """Show or hide the steps from drawing to digit image."""
        self._session.settings.shows_steps = shown
        self.panel.show_steps(shown=shown)

    @Slot(bool)
    def choose_eraser(self, chosen: bool) -> None:
        """Take the eraser, or the pen again."""
        self.canvas.choose_tool(Tool.ERASER if chosen else Tool.PEN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.messages and event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self._place_messages()
        return False

    def _arrange(self) -> None:
        places = arrange(self.size(), self._toolbar.sizeHint(), self.panel.minimumSizeHint().width())
        self._toolbar.setGeometry(places.toolbar)
        self.canvas.setGeometry(places.pad)
        # The scroll bar, where one is needed, stands in the page's margin.
        self._scroll.setGeometry(places.panel.adjusted(0, 0, PANEL_MARGIN, 0))
        self._place_messages()

    def _place_messages(self) -> None:
        """Lay the message over the lower edge of the pad, so that nothing has to move for it."""
        pad = self.canvas.geometry().adjusted(8, 8, -8, -8)
        height = min(self.messages.heightForWidth(pad.width()), pad.height())
        self.messages.setGeometry(pad.x(), pad.bottom() + 1 - height, pad.width(), height)

    @Slot(object)
    def _on_ink_changed(self, drawing: Drawing) -> None:
        self._session.ask(drawing)
        if not drawing:
            self._claim_nothing()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if len(answer.predictions) == len(self.panel.answers):
            self.panel.show_answer(answer)
        if not answer.question.drawing:
            self._claim_nothing()

    def _claim_nothing(self) -> None:
        ready = self._session.is_ready
        loading = self.tr("Loading the recogniser. You can draw already.")
        self.panel.show_nothing(self.tr("The answer appears here as you draw.") if ready else loading)

    def _renew_answers(self) -> None:
        self.panel.show_comparison(self._session.compared, comparing=self._session.is_comparing)
        self._arrange()
        self._claim_nothing()

    @Slot()
    def _on_models_changed(self) -> None:
        self.panel.show_models(self._session.models, self._session.model)

    @Slot()
    def _on_model_changed(self) -> None:
        self._on_models_changed()
        self._on_comparison_changed()
        self.canvas.setFocus()

    @Slot(object)
    def _on_live_model_changed(self, _entry: ModelEntry) -> None:
        # Neither the answers' places nor the focus change: somebody may be drawing.
        self._on_models_changed()
        self._session.ask(self.canvas.shown)

    @Slot()
    def _on_comparison_changed(self) -> None:
        self._renew_answers()
        self._session.ask(self.canvas.shown)

    @Slot(bool)
    def _on_compare_requested(self, wanted: bool) -> None:
        self._session.compare(wanted=wanted)

    @Slot(str)
    def _on_problem_found(self, sentence: str) -> None:
        self.messages.warn(sentence)


def _toolbar(tools: list[QAction | None], parent: QWidget) -> QWidget:
    bar = QWidget(parent)
    layout = QHBoxLayout(bar)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for action in tools:
        if action is None:
            separator = QFrame()
            separator.setProperty("role", "separator")
            layout.addWidget(separator)
            continue
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(20, 20))
        layout.addWidget(button)
    layout.addStretch()
    return bar

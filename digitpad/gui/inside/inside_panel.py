"""The view "Inside": the network for the image, what is switched off, and one unit in detail."""

from typing import cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QPushButton, QStackedWidget, QWidget

from digitpad.core.evaluation.inside.follower import Explains, InsideView
from digitpad.core.models.switched_off import Unit
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY
from digitpad.gui.help.term_label import explain
from digitpad.gui.inside.layout import is_narrow, is_row
from digitpad.gui.inside.network_view import NetworkView
from digitpad.gui.inside.unit_panel import UnitPanel
from digitpad.gui.session.inside_service import InsideService
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, set_tab_order, vbox
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.scroll_column import SCROLL_BAR, scroll_area, scroll_to
from digitpad.gui.widgets.side_panel import SidePanel
from digitpad.gui.widgets.throttle import SignalThrottle

_IN_ORDER, _BRIGHTEST = "order", "brightest"
_FIELD_WIDTH = 170
_MARGINS = 12, 4, 8, 8  # left, top, right, bottom
_ONE_LINE = 620  # px at which title and controls are in one line
_SHOWN_EVERY_MS, _REST_MS = 24, 12  # of a mouse that moves every 8 ms every third answer; the bars are more important


class InsidePanel(SidePanel):
    """Shows what its service follows, and reports the user's choices to it."""

    def __init__(self, service: InsideService, parent: QWidget | None = None, *, can_close: bool = True) -> None:
        super().__init__(self.tr("Inside"), "I", parent)
        explain(self, "draw#inside")
        self._service = service
        self._newest: InsideView | None = None
        self._is_answered = True
        self._throttle = SignalThrottle(_SHOWN_EVERY_MS, self, rest=_REST_MS)
        self._reason = QLabel()
        self._answer = FastLabel(widest=f"8 · {WIDEST_PROBABILITY}")  # in a small window the bars are hidden
        self.off_label, self.reset_button = QLabel(), QPushButton(self.tr("Reset"))
        self.order = ChoiceField({_IN_ORDER: self.tr("In order"), _BRIGHTEST: self.tr("Brightest first")})
        self.overlay = ChoiceField(
            {
                "": self.tr("No overlay"),
                "winner": self.tr("Why the winner"),
                "difference": self.tr("Why not the second"),
            }
        )
        self.network, self.unit, self._pages = NetworkView(), UnitPanel(service), QStackedWidget()
        self._heading, self._content = QGridLayout(), QWidget()
        self._switched, self._choices = QWidget(), QWidget()
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._content)
        self._answer.setProperty("role", "muted")
        self.off_label.setProperty("role", "note")
        self._reason.setProperty("role", "muted")
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reason.setWordWrap(True)
        self.reset_button.setProperty("role", "link")
        self.reset_button.setToolTip(self.tr("Switch all units on again"))
        self.order.setAccessibleName(self.tr("Order of the units"))
        self.order.setToolTip(self.tr("Units of a layer as the model numbers them, or the largest values first"))
        self.overlay.setAccessibleName(self.tr("Overlay"))
        self.overlay.setToolTip(
            self.tr("Which pixels support an answer, and which oppose it: weights, or gradient × input of the logit")
        )
        for field in (self.order, self.overlay):
            field.setMaximumWidth(px(_FIELD_WIDTH))
            field.setSizeAdjustPolicy(field.SizeAdjustPolicy.AdjustToContents)
        for widget in (self.reset_button, self.overlay, self.order):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the pad keeps the keyboard
        self.close_button.setVisible(can_close)
        self._lay_out()
        self._connect(service)

        self._on_switched_off_changed(service.switched_off)
        self._show_reason("")

    def _connect(self, service: InsideService) -> None:
        self.order.edited.connect(self._on_order_edited)
        self.overlay.edited.connect(self._on_overlay_edited)
        self.reset_button.clicked.connect(service.reset)
        self.network.unit_opened.connect(self._on_unit_opened)
        self.network.unit_switched.connect(self._on_unit_switched)
        self.network.closed.connect(self._on_unit_closed)
        service.opened_changed.connect(self._on_opened_changed)
        service.followed.connect(self._on_followed)
        self._throttle.triggered.connect(self._show_newest)
        service.emptied.connect(self._show_reason)
        service.problem_found.connect(self._show_reason)
        service.switched_off_changed.connect(self._on_switched_off_changed)

    def _lay_out(self) -> None:
        hbox(self.off_label, self.reset_button, None, parent=self._switched, spacing=8)
        hbox(None, self.overlay, self.order, parent=self._choices, spacing=8)
        self._heading.setHorizontalSpacing(px(8))
        self._heading.setVerticalSpacing(px(2))
        self._heading.setColumnStretch(1, 1)
        self._heading.addLayout(hbox(self.title, self._answer, spacing=8), 0, 0)
        self._heading.addWidget(self.close_button, 0, 3)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(px(20))
        self._parts.addWidget(self.network, 1)
        self._parts.addWidget(self.unit)
        self.unit.hide()
        self._area = scroll_area(self._content)
        self._pages.addWidget(self._reason)
        self._pages.addWidget(self._area)
        vbox(self._heading, (self._pages, 1), parent=self, spacing=2, margins=_MARGINS)
        self._place_controls()

    def _place_controls(self) -> None:
        """Place the controls beside the title, or below it in a narrow view."""
        is_wide = self.width() >= px(_ONE_LINE)
        places = {}
        for widget, column in ((self._switched, 1), (self._choices, 2)):
            place = (0, column, 1, 1) if is_wide else (column, 0, 1, 4)
            self._heading.addWidget(widget, *place)
            places[widget] = place[:2]
        below = self.network, self.unit.off_button, self.unit.close_button, self.unit.pictures, self.unit.sum_label
        set_tab_order(
            (
                (places[self._switched], (self.reset_button,)),
                (places[self._choices], (self.overlay, self.order)),
                ((0, 3), (self.close_button,)),
                ((3, 0), below),
            )
        )

    @property
    def reason(self) -> str:
        """Why no layers are shown; empty if they are."""
        return self._reason.text() if self._pages.currentWidget() is self._reason else ""

    @property
    def is_settled(self) -> bool:
        """Whether the newest image is shown with its layers."""
        return self._service.is_settled and not self._throttle.is_waiting

    def step_back(self) -> None:
        """Close the unit that is opened; if none is, ask to be closed."""
        if self._service.opened is not None:
            self._service.open_unit(None)
        else:
            super().step_back()

    def show_model(self, name: str) -> None:
        """Show the name of the model."""
        self.title.setText(self.tr("Inside {}").format(name))

    def set_answered(self, *, is_answered: bool) -> None:
        """Show the most probable digit beside the title, or a question mark: the drawing has no answer."""
        self._is_answered = is_answered

    @Slot(object)
    def _on_followed(self, view: InsideView) -> None:
        self._newest = view
        self._throttle.throttle()

    @Slot()
    def _show_newest(self) -> None:
        view = self._newest
        if view is None:
            return  # the drawing was cleared meanwhile
        self._pages.setCurrentWidget(self._area)
        self.network.show_view(view)
        self.unit.show_view(view)
        if (table := self.network.outputs) is not None:
            answer = f"{table.names[table.winner]} · {table.texts[table.winner][2]}"
            self._answer.setText(answer if self._is_answered else "?")

    @Slot(str)
    def _show_reason(self, reason: str) -> None:
        self._newest = None
        self._reason.setText(reason or self.tr("Draw a digit: each layer's values appear here as you draw."))
        self._pages.setCurrentWidget(self._reason)
        self._answer.clear()
        self.network.show_view(None)

    @Slot(object)
    def _on_switched_off_changed(self, units: frozenset[Unit]) -> None:
        one, several = self.tr("Switched off: 1 unit"), self.tr("Switched off: {} units")
        self.off_label.setText(one if len(units) == 1 else several.format(len(units)))
        self._switched.setVisible(bool(units))

    @Slot(object)
    def _on_unit_opened(self, unit: Unit) -> None:
        if self._service.has_units_of(self.network.view):  # else the view of another model is to come
            self._service.open_unit(unit)

    @Slot()
    def _on_unit_closed(self) -> None:
        self._service.open_unit(None)

    @Slot(object)
    def _on_opened_changed(self, unit: Unit | None) -> None:
        self.network.show_opened(unit)
        focused = self.focusWidget()
        if unit is None and focused is not None and self.unit.isAncestorOf(focused):
            self.network.setFocus()  # Qt would give it to the bar of tabs
        self.unit.setVisible(unit is not None)
        if unit is not None:
            self._place_parts()  # the network is another one after a change of the model
            scroll_to(self.unit)

    @Slot()
    def _on_overlay_edited(self) -> None:
        self._service.explain(cast("Explains", self.overlay.raw))

    @Slot(object)
    def _on_unit_switched(self, unit: Unit) -> None:
        if self._service.has_units_of(self.network.view):
            self._service.switch(unit)

    @Slot()
    def _on_order_edited(self) -> None:
        self.network.set_sorted(is_sorted=self.order.raw == _BRIGHTEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.network.set_form(in_row=is_row(self.size()), is_narrow=is_narrow(self.size()))
        self._place_parts()
        self._place_controls()

    def _place_parts(self) -> None:
        """Place the unit beside the network, or below it in a tall or a narrow view.

        Decided from the size of the view, which depends neither on the parts nor on whether they scroll.
        """
        room = self.width() - px(_MARGINS[0] + _MARGINS[2] + SCROLL_BAR)
        narrow, wide = self.unit.widths
        beside = room - self.network.minimumSizeHint().width() - self._parts.spacing()
        is_beside = is_row(self.size()) and beside >= narrow
        directions = QBoxLayout.Direction
        self._parts.setDirection(directions.LeftToRight if is_beside else directions.TopToBottom)
        self.unit.set_wide(is_wide=(beside if is_beside else room) >= wide)

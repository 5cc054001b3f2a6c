"""Leads through a lesson: opens it, goes from step to step, and puts everything back at its end."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from digitpad.core.datasets.catalogue import entry_of, megabytes, state_of
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.translation import Percent, tr
from digitpad.gui.lessons.lesson_frame import LessonFrame
from digitpad.gui.lessons.lesson_panel import LessonPanel
from digitpad.gui.lessons.stage import Stage
from digitpad.gui.widgets.sentences import capitalised

if TYPE_CHECKING:  # they are loaded when a lesson is opened
    from digitpad.core.lessons.lesson import Lesson, Step
    from digitpad.core.models.model_files import ModelEntry
    from digitpad.gui.lessons.watches import Watch


@dataclass(frozen=True, slots=True)
class _Before:
    """What the window showed before a lesson."""

    model: "ModelEntry"
    is_comparing: bool
    reads_numbers: bool
    views: dict[str, bool]  # the switches among the view actions


def _open_windows() -> set[QWidget]:
    return {widget for widget in QApplication.topLevelWidgets() if widget.isVisible()}


class LessonController(QObject):
    """A child of the window, which is a `Stage`. One lesson at a time; it never keeps the user from anything."""

    problem_found = Signal(str)
    opened = Signal()

    def __init__(self, frame: LessonFrame, window: QObject) -> None:
        super().__init__(window)
        self._frame = frame
        self.panel: LessonPanel | None = None  # created with the first lesson
        self._lesson: Lesson | None = None
        self._path = Path()
        self._number = 0
        self._done: set[int] = set()
        self._watch: Watch | None = None
        self._before: _Before | None = None
        self._model_shown: ModelEntry | None = None  # the model that a step chose last

    @property
    def _stage(self) -> Stage:
        # Not an attribute: a reference cycle would keep the window alive after it is closed.
        return cast("Stage", self.parent())

    @property
    def is_open(self) -> bool:
        """Whether there is a lesson."""
        return self._lesson is not None

    @property
    def number(self) -> int:
        """The number of the step, from 0."""
        return self._number

    @property
    def is_step_done(self) -> bool:
        """Whether the condition of the step is met, now or earlier."""
        return self._number in self._done

    @Slot(object)
    def open(self, path: Path) -> None:
        """Open a lesson at the step where it was left; report why if it is not a lesson."""
        from digitpad.core.lessons.lesson_files import key_of, read_lesson

        try:
            lesson = read_lesson(path)
        except DigitpadError as error:
            self.problem_found.emit(capitalised(str(error)))
            return
        self._begin()
        self._lesson, self._path = lesson, path
        number, done = self._stage.session.settings.lesson_progress(key_of(path))
        self._done = {step for step in done if step < len(lesson.steps)}
        self._go_to(number if number < len(lesson.steps) else 0)
        self.opened.emit()

    @Slot()
    def close(self) -> None:
        """End the lesson, and put controls and views back."""
        if self._lesson is None:
            return
        self._forget_watch()
        self._lesson = None
        self._frame.show_panel(None)
        self._leave_controls()
        self._restore()
        self._stage.session.settings.end_lesson()

    def _begin(self) -> None:
        """Remember what the window shows, unless another lesson has changed it already."""
        self._forget_watch()
        if self._before is None:
            session = self._stage.session
            views = {name: a.isChecked() for name, a in self._stage.view_actions.items() if a.isCheckable()}
            self._before = _Before(
                session.models.chosen, session.models.is_comparing, session.recognition.reads_numbers, views
            )
            session.settings.begin_lesson()
        if self.panel is None:
            self._create_panel()
        self._frame.show_panel(self.panel)

    def _create_panel(self) -> None:
        panel, session = LessonPanel(), self._stage.session
        panel.show_requested.connect(self._on_show_requested)
        panel.back_requested.connect(self._on_back_requested)
        panel.next_requested.connect(self._on_next_requested)
        panel.close_requested.connect(self.close)
        panel.download_requested.connect(self._on_download_requested)
        self._stage.page_changed.connect(self._leave_controls)
        for signal in (session.downloads.started, session.downloads.progressed, session.downloads.ended):
            signal.connect(self._show_needs)
        self.panel = panel

    def _restore(self) -> None:
        before, self._before = self._before, None
        if before is None:
            return
        session, actions = self._stage.session, self._stage.view_actions
        session.models.set_comparing(before.is_comparing)
        session.recognition.set_reads_numbers(before.reads_numbers)
        for name, is_checked in before.views.items():
            actions[name].setChecked(is_checked)
        # A model that the user chose or trained meanwhile stays.
        if session.models.chosen == self._model_shown and before.model in session.models.entries:
            session.models.choose(before.model)
        self._model_shown = None

    @property
    def _step(self) -> "Step | None":
        return self._lesson.steps[self._number] if self._lesson else None

    def _go_to(self, number: int) -> None:
        self._forget_watch()
        self._number = number
        self._save()
        lesson, step, panel = self._lesson, self._step, self.panel
        if lesson is None or step is None or panel is None:
            return
        count = len(lesson.steps)
        place = self.tr("Step {} of {}").format(number + 1, count)
        panel.show_step(tr(lesson.title), place, tr(step.title), tr(step.text).strip())
        self._show_goal()
        self._show_buttons()
        self._show_needs()
        self._leave_controls()
        if step.done is not None and not self.is_step_done:
            from digitpad.gui.lessons.watches import watch

            self._watch = watch(step.done, cast("QObject", self.parent()))
            self._watch.met.connect(self._on_met)

    def _show_goal(self) -> None:
        step = self._step
        if self.panel is None or step is None:
            return
        if step.done is None:
            self.panel.show_goal("", is_done=False)
        elif self.is_step_done:
            self.panel.show_goal(self.tr("Done: {}").format(step.done.outcome), is_done=True)
        else:
            self.panel.show_goal(step.done.goal, is_done=False)

    def _show_buttons(self) -> None:
        lesson, step = self._lesson, self._step
        if self.panel is None or lesson is None or step is None:
            return
        is_last = self._number == len(lesson.steps) - 1
        may_go_on = step.done is None or self.is_step_done
        texts = (self.tr("Finish"), self.tr("Next"), self.tr("Skip"))
        text = texts[0] if is_last else texts[1] if may_go_on else texts[2]
        self.panel.show_buttons(can_show=step.show is not None, can_go_back=self._number > 0, next_text=text)

    @Slot()
    def _show_needs(self) -> None:
        """Say which data set the step needs, and offer to download it, as the pages do."""
        step = self._step
        if self.panel is None or step is None:
            return
        key = step.show.data if step.show else ""
        state = state_of(key, data_folder()) if key else None
        if state is None or state.is_ready or not state.download:
            self.panel.show_needs("", "")
            return
        downloads, title = self._stage.session.downloads, entry_of(key).title
        if downloads.key == key:
            progress = downloads.progress
            share = progress.overall_done / progress.overall_total if progress and progress.overall_total else 0
            self.panel.show_needs(self.tr("{} is being downloaded: {:.0%}.").format(title, Percent(share)), "")
        else:
            text = self.tr("This step uses {}, which is not on this computer. The built-in digits work too.")
            button = self.tr("Download {} ({})").format(title, megabytes(state.download))
            self.panel.show_needs(text.format(title), "" if downloads.key else button)

    @Slot()
    def _leave_controls(self) -> None:
        """Leave the controls of the step, or all without a lesson; also on a page that was just created."""
        from digitpad.gui.lessons.showing import leave_controls

        step = self._step
        leave_controls(step.controls if step else None, self._stage)

    def _forget_watch(self) -> None:
        if self._watch is not None:
            self._watch.met.disconnect(self._on_met)
            self._watch.deleteLater()
            self._watch = None

    def _save(self) -> None:
        from digitpad.core.lessons.lesson_files import key_of

        self._stage.session.settings.set_lesson_progress(key_of(self._path), self._number, self._done)

    @Slot()
    def _on_met(self) -> None:
        self._forget_watch()
        self._done.add(self._number)
        self._save()
        self._show_goal()
        self._show_buttons()

    @Slot()
    def _on_show_requested(self) -> None:
        from digitpad.gui.lessons.showing import show

        step = self._step
        if step is None or step.show is None:
            return
        before = _open_windows()
        try:
            show(step.show, self._stage)
        except DigitpadError as error:
            self.problem_found.emit(capitalised(str(error)))
        for opened in _open_windows() - before:
            self._frame.uncover_panel(opened)
        if step.show.model is not None:
            self._model_shown = self._stage.session.models.chosen
        self._leave_controls()

    @Slot()
    def _on_back_requested(self) -> None:
        self._go_to(max(0, self._number - 1))

    @Slot()
    def _on_next_requested(self) -> None:
        if self._lesson is None:
            return
        if self._number + 1 < len(self._lesson.steps):
            self._go_to(self._number + 1)
            return
        # It begins again the next time.
        self._number = len(self._lesson.steps)
        self._save()
        self.close()

    @Slot()
    def _on_download_requested(self) -> None:
        step = self._step
        if step is not None and step.show is not None:
            self._stage.session.downloads.start(step.show.data)

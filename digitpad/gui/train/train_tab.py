"""The Train tab: the form on the left; curves, weights, runs and progress on the right."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.catalogue import state_of
from digitpad.core.files.paths import data_folder
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import UnreadableRun
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.datasets.dataset_banner import DatasetBanner
from digitpad.gui.help.term_label import explain
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.controls import TrainingButtons
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.form.training_form import DEFAULT_RECIPE, RECIPE_WITHOUT_DOWNLOAD, TrainingForm
from digitpad.gui.train.headline import Headline
from digitpad.gui.train.model_pictures import ModelPictures
from digitpad.gui.train.network.panel import NetworkPanel
from digitpad.gui.train.program_dialog import ProgramActions
from digitpad.gui.train.progress_line import ProgressLine
from digitpad.gui.train.readiness import TrainingReadiness
from digitpad.gui.train.recipe_saver import RecipeSaver
from digitpad.gui.train.run_display import RunDisplay
from digitpad.gui.train.runs.run_actions import RunActions
from digitpad.gui.train.runs.runs_table import RunsTable
from digitpad.gui.train.start_state import Place, StartState
from digitpad.gui.train.sweep.actions import SweepActions
from digitpad.gui.train.train_layout import TrainLayout
from digitpad.gui.train.training_end import TrainingEndNotice
from digitpad.gui.train.training_launcher import TrainingLauncher
from digitpad.gui.train.weights.panel import WeightsPanel
from digitpad.gui.widgets.form_metrics import SMALLEST_TRAIN_TAB
from digitpad.gui.widgets.message_bar import MessageBar


class TrainTab(QWidget):
    """Joins the form, the training service, the curves and the runs."""

    my_digits_requested = Signal()
    gates_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._training = session, session.training
        self._was_shown = False
        self.form, self.buttons = TrainingForm(recipe=_first_recipe()), TrainingButtons()
        self.messages, self.dataset_bar = MessageBar(self), DatasetBanner(trains=True)
        self.progress_line, self.headline = ProgressLine(), Headline()
        self.curves, self.weights, self.runs = LearningCurves(self.headline), WeightsPanel(), RunsTable()
        self.network = NetworkPanel()
        self.pictures = ModelPictures(self.weights, self.network)
        self.data = DatasetActions(session, self.dataset_bar, self)
        session.training.ended.connect(self.messages.hide_warning)  # before those that say how it ended
        self.launcher = TrainingLauncher(session, self.form, self.data, self.messages, self)
        self.recipe_saver = RecipeSaver(self.form, self.messages, self)
        self._end_notice = TrainingEndNotice(session, self.progress_line, self.messages, self)
        self.programs = ProgramActions(session, self.form, self.messages, self)
        self._readiness = TrainingReadiness(session, self.form, self.launcher, self.data, self.messages)
        self._display = RunDisplay(session, self.headline, self.curves, self.weights, self.network, self.runs, self)
        self.run_actions = RunActions(session, self.messages, self._display, self)
        self.sweeps = SweepActions(session, self.form, self.runs, self.messages, self)
        self.setMinimumSize(px(SMALLEST_TRAIN_TAB))
        explain(self, "train")
        explain(self.curves, "train#curves")
        explain(self.runs, "train#runs")
        explain(self.pictures, "train#weights")

        self._layout = TrainLayout((self.form, self.buttons), self.dataset_bar, self.progress_line)
        self._layout.add_panes(self.curves, self.pictures, self.runs)
        self.setLayout(self._layout)
        self._start_key = QShortcut(QKeySequence("Ctrl+Return"), self)
        self._start_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._start_key.activated.connect(self.buttons.start.click)
        self._layout.arranged.connect(self._on_arranged)
        self._on_arranged()

        self._connect_form()
        self._connect_network()
        self._connect_training()
        self._connect_runs()
        self._set_run_colours()
        self._readiness.refresh()

    def restore(self, before: "TrainTab") -> None:
        """Show what another window shows: fields, selected and ticked runs, curves or table, weights or network."""
        self.form.show_content(before.form.content)
        self._session.runs.add(*before.runs.model.runs)
        for run in before.runs.model.shown:
            self.runs.model.set_shown(run, shown=True)
        if before.runs.selected:
            self.runs.select(before.runs.selected[0])
        if before.pictures.switch.key is before.network:
            self.pictures.show_page(self.network)
        if before.curves.pages.key is before.curves.table:
            self.curves.show_table()

    def set_stage(self, *, on: bool) -> None:
        """Show only the curves and the progress, or everything."""
        self._layout.set_stage(on=on)
        if on:
            self.curves.chart.setFocus()

    @property
    def undo_actions(self) -> list[QAction]:
        """The undo commands for the Edit menu."""
        return [self.run_actions.undo]

    def _connect_form(self) -> None:
        self.form.guide_requested.connect(self._session.guide_requested)
        self.headline.guide_requested.connect(self._session.guide_requested)
        self.data.own_data.serve(self.form.dataset_picker)
        self.form.problem_found.connect(self.messages.warn)
        self.data.problem_found.connect(self.messages.warn)
        self.data.built_in_requested.connect(self._on_built_in_requested)
        self._readiness.changed.connect(self._on_readiness_changed)
        self.buttons.note.followed.connect(self._on_note_followed)
        self.buttons.start_requested.connect(self.launcher.start)
        self.buttons.compare_requested.connect(self.sweeps.ask)
        self.buttons.pause_requested.connect(self._training.pause)
        self.buttons.resume_requested.connect(self.launcher.unpause)
        self.buttons.stop_requested.connect(self._training.stop)
        self.buttons.step_requested.connect(self._training.step)
        self.buttons.pace_requested.connect(self._training.set_pace)

    def _connect_network(self) -> None:
        self.form.edited.connect(self._on_form_edited)
        self.network.edits_requested.connect(self.form.change)
        self.network.field_requested.connect(self._go_to)
        self.network.watched_changed.connect(self._training.watch_layers)
        self.network.show_model(self.form.model)

    def _connect_training(self) -> None:
        self._training.state_changed.connect(self._on_state_changed)
        self._training.pace_changed.connect(self._on_pace_changed)
        self._training.run_opened.connect(self._on_progressed)
        self._training.run_opened.connect(self.runs.select)
        self._training.run_opened.connect(self._layout.show_results)
        self._training.noted.connect(self.messages.inform)
        self._training.progressed.connect(self._on_progressed)
        self._training.ended.connect(self._on_ended)
        self._end_notice.field_requested.connect(self._go_to)
        self._end_notice.use_requested.connect(self.run_actions.use)
        self.progress_line.follow_requested.connect(self._session.models.set_following)
        self._session.models.following_changed.connect(self.progress_line.follow.setChecked)
        self._session.problem_found.connect(self._on_problem_found)

    def _connect_runs(self) -> None:
        self.runs.use_requested.connect(self.run_actions.use)
        self.runs.export_requested.connect(self.run_actions.export)
        self.runs.delete_requested.connect(self.run_actions.delete)
        self.runs.resume_requested.connect(self.launcher.resume)
        self.runs.longer_requested.connect(self.run_actions.ask_to_train_longer)
        self.run_actions.longer_requested.connect(self.launcher.train_longer)
        self.runs.differences_requested.connect(self.run_actions.show_differences)
        self.runs.folder_requested.connect(self.run_actions.open_folder)
        self.runs.settings_requested.connect(self._on_settings_requested)
        self.runs.mistakes_requested.connect(self._session.mistakes_requested)
        self.runs.rename_requested.connect(self._session.runs.rename)
        self.weights.table.gates_requested.connect(self.gates_requested)
        self._session.runs.changed.connect(self._on_runs_changed)
        self._session.runs.restored.connect(self._on_restored)
        self._session.runs.renamed.connect(self.messages.hide)
        for succeeded in (self._session.runs.restored, self._session.downloads.started):
            succeeded.connect(self.messages.hide_warning)
        self._session.runs.problem_found.connect(self.messages.warn)

    @Slot(object)
    def take_focus(self) -> None:
        """Give the focus to the choice of a recipe; if it is locked to Pause, if it is hidden to the tabs or curves."""
        if not self._layout.shows_form:
            tabs = self._layout.tabs
            (self.curves.chart if tabs.isHidden() else tabs).setFocus()
        elif self.form.is_locked:
            (self.buttons.pause if self.buttons.pause.isEnabled() else self.buttons.note).setFocus()
        else:
            self.form.recipe_field.setFocus()

    @Slot(str)
    def _go_to(self, field: str) -> None:
        """Show a field of the form, and give it the focus."""
        self._layout.show_form()
        self.form.go_to(field)

    @Slot()
    def _on_arranged(self) -> None:
        """A hidden Start leaves its key to the tab."""
        self._start_key.setEnabled(not self._layout.shows_form)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe in the form; during a training say why not."""
        if self._may_choose():
            self.form.set_recipe(recipe)

    def show_data(self, dataset: str) -> None:
        """Show a file or folder of the user's data, to train on it; during a training say why not."""
        if self._may_choose():
            self.data.own_data.open(dataset)

    def _may_choose(self) -> bool:
        self._layout.show_form()
        if self._training.is_busy:
            self.messages.warn(self.tr("A model is being trained: stop it, or wait for its end, then choose again."))
        return not self._training.is_busy

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layout.set_width(self.width())
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._was_shown = True
        self._readiness.refresh()
        self._session.runs.refresh()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._set_run_colours()
        super().changeEvent(event)

    def _set_run_colours(self) -> None:
        colours = theme_colours(self.palette())
        self.runs.model.set_colours(colours)

    @Slot(object)
    def _on_readiness_changed(self, state: StartState) -> None:
        self.buttons.show_start(state)
        self.curves.show_invitation(state.invitation)

    @Slot()
    def _on_built_in_requested(self) -> None:
        self.buttons.start.setFocus()  # the banner is hidden now, and Qt would give its focus to any button
        self.launcher.start_without_download()

    @Slot()
    def _on_note_followed(self) -> None:
        """Go to what keeps Start from being pressed."""
        place = self._readiness.state.place
        if place == Place.MY_DIGITS:
            self.my_digits_requested.emit()
        elif place == Place.PAUSE:
            (self.buttons.pause if self.buttons.pause.isEnabled() else self.buttons.stop).setFocus()
        elif place == Place.DOWNLOAD:
            self.dataset_bar.cancel.setFocus()
        else:
            self._go_to(place)

    @Slot()
    def _on_form_edited(self) -> None:
        self.network.show_model(self.form.model)

    @Slot(object)
    def _on_state_changed(self, state: TrainingState) -> None:
        focused = self.window().focusWidget()
        if state is TrainingState.PREPARING and focused is not None and self.form.isAncestorOf(focused):
            self.buttons.take_focus_from(focused)
        self.form.set_locked(state is not TrainingState.IDLE)
        self.network.set_locked(is_locked=state is not TrainingState.IDLE)
        self.runs.set_busy(busy=state is not TrainingState.IDLE)
        self.buttons.show_training(state, self._training.pace)
        if state is TrainingState.PREPARING:
            self.progress_line.show_preparing()
        elif state in (TrainingState.PAUSED, TrainingState.STOPPING):
            self._on_progressed()

    @Slot()
    def _on_pace_changed(self) -> None:
        self.buttons.show_training(self._training.state, self._training.pace)
        if self._training.is_busy:
            self._on_progressed()

    @Slot()
    def _on_progressed(self) -> None:
        if self._training.run is not None:
            self.progress_line.show_progress(self._training.progress, self._training.state, self._training.pace)

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        if ended.run:
            self.runs.select(ended.run)

    @Slot()
    def _on_runs_changed(self) -> None:
        live = self._training.run if self._training.is_busy else None
        known = self._session.runs
        self.runs.show_runs(
            known.runs, live, resumable=known.resumable, unreadable=known.unreadable, changes=known.changes
        )
        if self._was_shown:
            self.launcher.offer_to_resume()

    @Slot(list)
    def _on_restored(self, runs: list[Run | UnreadableRun]) -> None:
        self.runs.select(runs[0])

    @Slot(object)
    def _on_settings_requested(self, run: Run) -> None:
        if not self._training.is_busy:
            self._layout.show_form()
            self.form.set_recipe(run.recipe)

    @Slot(str)
    def _on_problem_found(self, sentence: str) -> None:
        if self.isVisible():
            self.messages.warn(sentence)


def _first_recipe() -> str:
    """Return the recipe that is chosen first: one that can train at once."""
    is_ready = state_of(load_recipe(DEFAULT_RECIPE).dataset, data_folder()).is_ready
    return DEFAULT_RECIPE if is_ready else RECIPE_WITHOUT_DOWNLOAD

"""The Mistakes tab: which samples a model gets wrong, and why."""

from dataclasses import replace
from typing import cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.catalogue import entry_of, state_of
from digitpad.core.datasets.loading import BUILT_IN
from digitpad.core.datasets.suspect_labels import SuspectLabel, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.evaluator import ModelProgress
from digitpad.core.evaluation.sample_filter import Show
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import SIDE
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.ink.drawing import centre_picture, enlarge_digit_image
from digitpad.core.models.model_files import SUFFIX
from digitpad.core.runs.run_folder import Run
from digitpad.gui.datasets.dataset_actions import DatasetActions
from digitpad.gui.datasets.dataset_banner import DatasetBanner
from digitpad.gui.grid.zoom import DEFAULT_SIDE
from digitpad.gui.help.term_label import explain
from digitpad.gui.mistakes.columns import GalleryColumns
from digitpad.gui.mistakes.gallery import SampleGallery
from digitpad.gui.mistakes.inspector.inspection_service import InspectionService
from digitpad.gui.mistakes.inspector.inspector_panel import InspectorPanel
from digitpad.gui.mistakes.overview import Overview
from digitpad.gui.mistakes.sample_actions import Kind, SampleActions
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.mistakes.source_controller import SourceController
from digitpad.gui.mistakes.texts import labels_text
from digitpad.gui.session.file_dialogs import choose_file
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import px
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.form_metrics import SMALLEST_MISTAKES_TAB
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import capitalised, error_text, sentence


class MistakesTab(QWidget):
    """Connects the choice of models and data, the metrics, the samples, and the inspector of one sample."""

    samples_shown = Signal(object)  # Samples
    pad_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.browser = SampleBrowser(self)
        self.overview, self.gallery = Overview(self.browser), SampleGallery(self.browser)
        self.inspector = InspectorPanel()
        self.sources = SourceController(session, self.overview.sources, self)
        self.messages, self.dataset_bar = MessageBar(self), DatasetBanner()
        self.dataset_actions = DatasetActions(session, self.dataset_bar, self)
        self.inspection = InspectionService(session, self)
        self.export_actions = SampleActions(session, self.messages, self)
        self._marks = LatestOnlyWorker(_marks_at, session)
        self.setMinimumSize(px(SMALLEST_MISTAKES_TAB))
        explain(self, "mistakes")
        explain(self.inspector, "mistakes#sample")

        middle = QWidget()
        vbox(self.dataset_bar, (self.gallery, 1), parent=middle, spacing=8)
        titles = self.tr("Overview"), self.tr("Gallery"), self.tr("Sample")
        self.columns = GalleryColumns(self.overview, middle, self.inspector, titles)
        vbox(self.columns, parent=self, margins=(16, 12, 16, 12))

        for action in self.gallery.menu.shortcut_actions:
            # In the whole tab: a letter typed after a choice from a list must not change that choice.
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        self._undo = QAction(self.tr("&Undo"), self)
        self._undo.setShortcut(QKeySequence.StandardKey.Undo)
        self._undo.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._undo.setEnabled(False)
        self.addAction(self._undo)
        self._connect()
        self.gallery.show_side(session.settings.thumbnail_side or DEFAULT_SIDE)

    def _connect(self) -> None:
        evaluation, data, gallery = self._session.evaluation, self.dataset_actions, self.gallery
        for part in (self.overview, self.inspector.heading):
            part.guide_requested.connect(self._session.guide_requested)
        self.overview.matrix.cells_requested.connect(self.columns.show_middle)
        self.overview.per_digit.digit_requested.connect(self.columns.show_middle)
        self.sources.evaluation_started.connect(self._on_evaluation_started)
        self.sources.data_missing.connect(self._on_data_missing)
        self.overview.sources.file_requested.connect(self._on_file_requested)
        data.own_data.serve(self.overview.sources.dataset)
        evaluation.progressed.connect(self._on_progressed)
        evaluation.finished.connect(self._on_evaluated)
        evaluation.failed.connect(self._on_failed)
        evaluation.cancelled.connect(self._on_cancelled)
        data.own_data.chosen.connect(self.sources.choose_dataset)
        data.built_in_requested.connect(self._on_built_in_requested)
        data.data_changed.connect(self._on_data_changed)
        self.browser.query_changed.connect(self._on_query_changed)
        self.browser.marked.connect(self._on_marked)
        self.browser.problem_found.connect(self._on_marks_refused)
        self.browser.can_undo_changed.connect(self._undo.setEnabled)
        self._undo.triggered.connect(self.browser.undo_marks)
        for part in (data, self.inspection):
            part.problem_found.connect(self.messages.warn)
        self._session.downloads.started.connect(self.messages.hide_warning)
        gallery.current_changed.connect(self._on_current_changed)
        gallery.side_changed.connect(self._on_side_changed)
        gallery.menu.export_requested.connect(self._on_export)
        gallery.menu.print_requested.connect(self._on_print)
        gallery.menu.export_confusion_requested.connect(self._on_export_confusion)
        gallery.menu.export_marks_requested.connect(self.export_actions.export_marks)
        for part in (gallery, self.inspector):
            part.put_on_pad_requested.connect(self._on_put_on_pad)
        self.inspector.mark_requested.connect(self.browser.mark)
        self.inspector.unmark_requested.connect(self.browser.unmark)
        self.inspector.neighbour_requested.connect(self._on_neighbour_requested)
        self.inspection.inspected.connect(self.inspector.show_inspection)
        self.inspector.layers_requested.connect(self._session.layers.window_requested)
        self.inspector.inside_requested.connect(self._session.layers.inside_requested)
        self._marks.answered.connect(self._on_marks_read)
        self._marks.failed.connect(self._on_marks_unread)

    def set_stage(self, *, on: bool) -> None:
        """Show the matrix or the sample, and the samples, large and without fields and buttons; or everything."""
        for part in (self.overview, self.gallery, self.inspector):
            part.set_stage(on=on)
        self.columns.set_stage(on=on)

    @property
    def undo_actions(self) -> list[QAction]:
        """The undo commands for the Edit menu."""
        return [self._undo]

    @property
    def heading(self) -> str:
        """The title above the samples, or of the message in their place."""
        return self.gallery.page.title if self.gallery.shows_message else self.gallery.title

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sources.set_active(active=True)
        self._session.layers.enter_samples()
        self._follow_layers()
        if not self._marks.isRunning():
            self._marks.start()
        self._marks.submit(self.browser.marks_version)

    def hideEvent(self, event: QHideEvent) -> None:
        self.sources.set_active(active=False)
        self._session.layers.leave_samples()
        super().hideEvent(event)

    def restore(self, before: "MistakesTab") -> None:
        """Choose what another window shows: models, data, filters, order, and the sample once there are samples."""
        if (sample := before.inspector.sample) is not None:
            once = Qt.ConnectionType.SingleShotConnection
            self.samples_shown.connect(lambda _: self.gallery.grid.select_index(sample.index), once)
        self.browser.restore(before.browser)
        self.sources.restore(before.sources.choice)

    def focus_samples(self) -> None:
        """Give the focus to the samples, or to the choice of a model if there are none."""
        if self._session.evaluation.is_busy:
            self.setFocus()  # until there are samples
        elif self.gallery.shows_message:
            self.columns.show_left()
            self.overview.sources.model.setFocus()
        else:
            self.columns.show_middle()
            self.gallery.grid.setFocus()

    def show_data(self, dataset: str) -> None:
        """Show a file or folder of the user's data, to measure models on it."""
        self.dataset_actions.own_data.open(dataset)

    @Slot(object)
    def show_run(self, run: Run) -> None:
        """Show the mistakes of a run's model."""
        self.messages.hide_temporary()
        self.browser.choose_show(Show.WRONG)
        self.browser.choose_random_count(0)
        self.sources.show_run(run)

    @Slot(str)
    def _on_evaluation_started(self, title: str) -> None:
        self.dataset_actions.hide_banner()
        if not title:
            return  # keep the old result until the new one is there
        self.messages.hide_temporary()
        self.browser.show(None)
        text = self.tr("Evaluating the images…")
        self.gallery.show_message(title, text, self.tr("Cancel"), self._session.evaluation.cancel)
        self.gallery.page.show_progress(0, 0)

    @Slot(object)
    def _on_progressed(self, progress: ModelProgress) -> None:
        if self.browser.samples is None:
            self.gallery.page.show_progress(progress.done, progress.total)

    @Slot(object)
    def _on_evaluated(self, samples: Samples) -> None:
        self.browser.show(samples)
        self.messages.hide_warning()
        if samples.marks_problem:
            self.messages.warn(samples.marks_problem)
        if self.window().focusWidget() is self:  # also while another window is in front, such as the guide
            self.focus_samples()
        self.samples_shown.emit(samples)

    @Slot(str)
    def _on_failed(self, problem: str) -> None:
        self.browser.show(None)
        again = self.tr("Try again")
        self.columns.show_middle()
        self.gallery.show_message(
            self.tr("The evaluation failed"), capitalised(problem), again, self.sources.evaluate, "warning"
        )

    @Slot()
    def _on_cancelled(self) -> None:
        if self.browser.samples is None and self.dataset_bar.isHidden():
            text = self.tr("Choose another model or other data, or start again.")
            self.gallery.show_message(self.tr("Stopped"), text, self.tr("Start again"), self.sources.evaluate)

    @Slot(str)
    def _on_data_missing(self, key: str) -> None:
        self.browser.show(None)
        self.columns.show_middle()
        state = self.dataset_actions.update_banner(key, parts=self.sources.parts)
        if not state.download:  # such as My digits without digits: the sentence says what to do
            text = self.tr("{} Or choose other data.").format(sentence(state.sentence))
            self.gallery.show_message(self.tr("No samples yet"), text, "", self.sources.evaluate, "info")
            return
        title = self.tr("{} is not complete") if state.gap else self.tr("{} is not installed")
        title = title.format(entry_of(key).title)
        text = self.tr("Download it or choose a folder above, or choose other data.")
        self.gallery.show_message(title, text, "", self.sources.evaluate, "download")

    def choose_data_at_hand(self) -> None:
        """Choose the built-in digits, if the chosen data set is not on this computer."""
        if not state_of(self.sources.dataset, data_folder()).is_ready:
            self.sources.choose_dataset(BUILT_IN)

    @Slot()
    def _on_built_in_requested(self) -> None:
        self.sources.choose_dataset(BUILT_IN)
        self.focus_samples()  # the button is hidden now

    @Slot()
    def _on_data_changed(self) -> None:
        if self.isVisible() and not self.dataset_bar.isHidden():
            self.dataset_actions.update_banner(self.sources.dataset, parts=self.sources.parts)
            if not self._session.downloads.key:
                self.sources.evaluate()

    @Slot()
    def _on_file_requested(self) -> None:
        title, kinds = self.tr("Open a model file"), self.tr("Models ({})").format(f"*{SUFFIX}")
        if path := choose_file(self, self._session.settings, title, kinds):
            self.sources.open_file(path)

    @Slot()
    def _on_query_changed(self) -> None:
        if not len(self.browser.indices):
            self._on_current_changed(None)

    @Slot(int, int)
    def _on_marked(self, added: int, removed: int) -> None:
        text = self.tr("{} marked as wrong.") if added else self.tr("{} no longer marked as wrong.")
        self.messages.offer(
            text.format(labels_text(added or removed, self.tr)), self.tr("Undo"), self.browser.undo_marks
        )

    @Slot(str)
    def _on_marks_refused(self, sentence: str) -> None:
        self.messages.warn(sentence)
        if self.inspector.sample:  # show what is saved, not what was requested
            self.inspector.show_sample(self.browser.samples, self.inspector.sample.index)

    @Slot(object)
    def _on_marks_read(self, found: tuple[tuple[SuspectLabel, ...], int]) -> None:
        self.messages.hide_warning()
        self.browser.apply_marks(*found)

    @Slot(object)
    def _on_marks_unread(self, error: Exception) -> None:
        self._on_marks_refused(error_text(error, self.tr("The label marks cannot be read.")))

    @Slot(object)
    def _on_current_changed(self, sample: Sample | None) -> None:
        samples = self.browser.samples
        if samples is None or sample is None:
            self.inspection.forget()
            self.inspector.show_sample(None, None)
            self._follow_layers()
            return
        self.inspector.show_sample(samples, sample.index)
        self._follow_layers()
        self.inspection.inspect(samples, sample, self.sources.others)

    def _follow_layers(self) -> None:
        """Follow the selected sample through the layers of its model, while this page is shown."""
        if not self.isVisible():
            return
        sample = self.inspector.sample
        self._session.layers.show_sample(self.browser.samples, sample)
        if sample is not None and not sample.is_right:
            self._session.mistake_seen.emit()

    @Slot(int)
    def _on_side_changed(self, side: int) -> None:
        self._session.settings.thumbnail_side = side

    @Slot(int)
    def _on_neighbour_requested(self, number: int) -> None:
        """Go to a training image, if training images are shown."""
        samples, grid = self.browser.samples, self.gallery.grid
        if samples is None:
            return
        if not samples.loaded.training_count:
            text = self.tr("To see training image {:,}, choose the training images.")
            self.messages.inform(text.format(number))
        elif self.browser.query.excludes_suspects and number in samples.marks:
            text = self.tr("Training image {:,} is left out: its label is marked as wrong.")
            self.messages.inform(text.format(number))
        elif not grid.select_index(number):
            self.browser.clear_filters()
            grid.select_index(number)

    @Slot(str)
    def _on_export(self, kind: str) -> None:
        if samples := self.browser.samples:
            gallery, as_kind = self.gallery, cast("Kind", kind)
            self.export_actions.export(
                samples, gallery.chosen, gallery.chosen_title, as_kind, plot_columns=gallery.plot_columns
            )

    @Slot()
    def _on_export_confusion(self) -> None:
        samples, metrics = self.browser.samples, self.browser.metrics
        if samples is None or metrics is None:
            self.messages.warn(self.tr("Without a model there is no confusion matrix: choose a model first"))
            return
        classes = 2 if samples.are_points else len(metrics.confusion)
        title = f"{samples.model}, {display_part_name(samples.digits.name)}"
        self.export_actions.export_confusion(metrics.confusion[:classes, :classes], title)

    @Slot()
    def _on_print(self) -> None:
        if samples := self.browser.samples:
            gallery = self.gallery
            self.export_actions.print_(samples, gallery.chosen, gallery.chosen_title, plot_columns=gallery.plot_columns)

    @Slot(object)
    def _on_put_on_pad(self, sample: Sample) -> None:
        if self.browser.samples is not None and self.browser.samples.are_points:
            self.messages.inform(self.tr("The points of a gate are no pictures: choose a digit to put on the pad."))
            return
        part = self.tr("training image") if sample.part == "train" else self.tr("test image")
        name = f"{part} {sample.number:,}"
        try:
            place = enlarge_digit_image if sample.image.shape == (SIDE, SIDE) else centre_picture
            drawing = replace(place(sample.full_scale / 255, name), label=sample.label)
        except DigitpadError as error:
            self.messages.warn(str(error))
            return
        self.messages.hide_warning()
        self._session.pad.change(drawing, name)
        self.pad_requested.emit()


def _marks_at(version: int) -> tuple[tuple[SuspectLabel, ...], int]:
    """Read the marks, which another window may have changed; runs in the thread."""
    return read_marks(), version

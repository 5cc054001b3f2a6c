"""The commands for a controlled window; each calls what the window's widgets call."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from digitpad.core.datasets.download import download
from digitpad.core.datasets.download_sources import Resource
from digitpad.core.datasets.suspect_labels import read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
from digitpad.core.files.paths import data_folder
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import TrainingJob, resume_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.window import close_prompts
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.saving_dialog import SavingDialog
from scripts.event_loop import run_event_loop
from tests.stress.fault_injection import FaultInjector, without_faults

_TIMEOUT = 180.0  # seconds
# No download, and little to compute.
_TINY = ("dataset=digits", "hidden=4", "train_first=100", "test_first=40", "device=cpu", "precision=float32")


def _save_beside() -> None:
    """Click the button of the dialog that waits for the digits."""
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, SavingDialog):
        for button in (dialog.beside, dialog.done_):
            if button.isVisible():
                button.click()


class StuckError(Exception):
    """A command did not end in time."""


class Commands(QObject):
    """Runs one command at a time and returns its result as JSON values."""

    def __init__(self, window: MainWindow, session: Session, injector: FaultInjector) -> None:
        super().__init__()
        self._window, self._session, self._injector = window, session, injector
        self._heard: list[tuple[str, tuple[Any, ...]]] = []
        self._answers: dict[str, Any] = {}
        own, trainer = session.my_digits, session.training
        own.kept.connect(partial(self._hear, "kept"))
        own.keep_failed.connect(partial(self._hear, "keep_failed"))
        own.relabelled.connect(partial(self._hear, "changed"))
        own.deleted.connect(partial(self._hear, "changed"))
        own.restored.connect(partial(self._hear, "changed"))
        own.problem_found.connect(partial(self._hear, "own_problem"))
        own.read.connect(partial(self._hear, "read"))
        own.read_failed.connect(partial(self._hear, "read_failed"))
        trainer.ended.connect(partial(self._hear, "ended"))
        trainer.epoch_done.connect(partial(self._hear, "epoch"))
        session.downloads.ended.connect(partial(self._hear, "downloaded"))
        session.fine_tuning.kept.connect(partial(self._hear, "model_kept"))
        session.fine_tuning.keep_failed.connect(partial(self._hear, "model_not_kept"))
        session.runs.problem_found.connect(partial(self._hear, "run_problem"))

    @property
    def said(self) -> list[str]:
        """The messages shown in the window."""
        return [bar.text for bar in self._bars if bar.text]

    @property
    def _bars(self) -> list[MessageBar]:
        window = self._window
        tabs = (window.draw_tab, window.training_tab, window.mistakes_tab, window.my_digits_tab)
        return [tab.messages for tab in tabs]

    def do_fill_disk(self, *, full: bool) -> None:
        """Make the disk full, or make room again."""
        self._injector.fill_disk(full=full)

    def do_shift_clock(self, seconds: float) -> None:
        """Move the clock."""
        self._injector.shift_clock(seconds)

    def do_clear_messages(self) -> None:
        """Close all messages, so that a new message belongs to the next command."""
        for bar in self._bars:
            bar.hide()

    def do_run_event_loop(self, seconds: float) -> None:
        """Run the event loop for some seconds."""
        run_event_loop(int(1000 * seconds))

    def do_tab(self, number: int) -> None:
        """Show a tab and run the event loop shortly."""
        self._window.show_tab(number)
        run_event_loop(50)

    def do_close(self) -> None:
        """Close the window as a click does; the program ends. Digits that could not be saved are given up."""
        close_prompts.ask_about_digits = lambda *_: close_prompts.CloseChoice.DISCARD
        self._window.close()

    def do_close_while_saving(self, count: int) -> None:
        """Keep drawings, and close the window at once; another program holds the file: save them in another file."""
        for number in range(count):
            self._submit(number, number % 10)
        timer = QTimer(self, interval=20)
        timer.timeout.connect(_save_beside)
        timer.start()
        self._window.close()

    def _submit(self, number: int, label: int) -> None:
        generator = np.random.default_rng(number)
        drawing = Drawing(ink=Ink.of([np.cumsum(generator.uniform(-40, 60, (6, 2)), axis=0)]))
        self._session.my_digits.keep(drawing, label, predicted=(label + number) % 10, model="soak")

    def do_keep(self, number: int, label: int) -> int | None:
        """Keep a drawing, different for each `number`; return its id, or None if that failed."""
        self._submit(number, label)
        name, values = self._next("kept", "keep_failed")
        return values[1].id if name == "kept" else None

    def do_relabel(self, labels: dict[str, int]) -> int | None:
        """Relabel digits; return their count, or None if that failed."""
        self._session.my_digits.relabel({int(number): label for number, label in labels.items()})
        return self._count()

    def do_delete(self, numbers: list[int]) -> int | None:
        """Delete digits; return their count, or None if that failed."""
        self._session.my_digits.delete(numbers)
        return self._count()

    def do_restore(self, numbers: list[int]) -> int | None:
        """Restore deleted digits; return their count, or None if that failed."""
        self._session.my_digits.restore(numbers)
        return self._count()

    def do_digits(self) -> list[int] | None:
        """Read My digits as the tab does; return the ids."""
        self._forget("read", "read_failed")
        self._session.my_digits.request_read()
        name, values = self._next("read", "read_failed")
        return [digit.id for digit in values[0].digits] if name == "read" else None

    def do_start(self, name: str = "soak", epochs: int = 3, settings: tuple[str, ...] = ()) -> None:
        """Start a training; `ended` waits for its end."""
        self._forget("epoch", "ended")
        self._window.show_tab(1)
        recipe = with_settings(load_recipe("mlp-fast"), [*_TINY, f"epochs={epochs}", *settings])
        self._session.training.start(TrainingJob(recipe, "soak", name))

    def do_train(self, name: str = "soak", epochs: int = 3, settings: tuple[str, ...] = ()) -> Any:
        """Train to the end."""
        self.do_start(name, epochs, settings)
        return self.do_ended()

    def do_epochs(self, count: int) -> list[Any]:
        """Wait for some epochs; return the reported events."""
        found = []
        for _ in range(count):
            name, values = self._next("epoch", "ended")
            if name == "ended":
                self._heard.insert(0, (name, values))
                break
            found.append([values[0].epoch, values[0].seconds])
        return found

    def do_stop(self) -> Any:
        """Stop the training, and wait."""
        self._session.training.stop()
        return self.do_ended()

    def do_ended(self) -> Any:
        """Wait for the training to end; return its run, its measured epochs and the problem."""
        _, values = self._next("ended")
        run = values[0].run
        return {"run": run.id if run else "", "rows": _rows(run) if run else [], "problem": values[0].problem}

    def do_progress(self) -> list[float | None]:
        """Return the seconds passed and left, as the progress line shows them."""
        progress = self._session.training.progress
        return [progress.elapsed, progress.remaining]

    def do_resume(self, run: str, *, known: bool = False) -> Any:
        """Resume a run and wait for the end; with `known`, as it was when the list was last read."""
        found = self._run(run, known=known)
        if found is None:
            return {"run": "", "rows": [], "problem": "there is no such run"}
        self._forget("epoch", "ended")
        self._session.training.start(resume_job(found))
        return self.do_ended()

    def do_begin_resuming(self, run: str, *, known: bool = False) -> bool:
        """Resume a run without waiting."""
        found = self._run(run, known=known)
        self._forget("epoch", "ended")
        if found is not None:
            self._window.training_tab.launcher.resume(found)
        return found is not None and self._session.training.is_busy

    def do_take_offer(self) -> str:
        """Press the button of the Train tab's message; return its text."""
        button = self._window.training_tab.messages.action
        words = "" if button.isHidden() else button.text()
        if words:
            self._forget("epoch", "ended")
            button.click()
        return words

    def do_runs(self) -> list[str]:
        """Refresh the list of runs; return the ids."""
        self._session.runs.refresh()
        self._wait(lambda: self._session.runs.is_settled, "the list of runs")
        return [run.id for run in self._session.runs.runs]

    def do_rename(self, run: str, name: str) -> bool:
        """Rename a run; return whether that worked."""
        return self._with_run(run, lambda found: self._session.runs.rename(found, name))

    def do_delete_run(self, run: str) -> bool:
        """Delete a run, with an offer to undo it."""
        return self._with_run(run, lambda found: self._window.training_tab.run_actions.delete([found]))

    def do_undo_delete(self) -> bool:
        """Restore the run that was deleted last."""
        self._forget("run_problem")
        self._session.runs.undo_delete()
        return not any(name == "run_problem" for name, _ in self._heard)

    def do_export(self, run: str, kind: str, place: str) -> None:
        """Export a run and wait for the message about the result."""
        bar = self._window.training_tab.messages
        found = self._run(run)
        if found is None:
            raise StuckError("there is no such run")
        self._window.training_tab.run_actions.export_to(found, kind, Path(place))
        self._wait(lambda: not bar.text.startswith("Exporting"), "the export")

    def do_evaluate(self) -> int:
        """Show samples in the Mistakes tab without a model; return their count."""
        loaded = load_set(SampleSet("digits", "test", data_folder()))
        try:
            marks = loaded.marks_by_index(read_marks())
        except DigitpadError:  # as `Evaluator.evaluate` takes it
            marks = {}
        self._window.mistakes_tab.browser.show(Samples(loaded, marks=marks))
        return len(loaded.digits)

    def do_mark(self, indices: list[int], note: str = "", corrected: int | None = None) -> dict[str, str]:
        """Mark labels; return the notes shown afterwards."""
        self._window.mistakes_tab.browser.mark_all(indices, corrected, note)
        return self._notes()

    def do_unmark(self, indices: list[int]) -> dict[str, str]:
        """Remove marks; return the notes shown afterwards."""
        self._window.mistakes_tab.browser.unmark_all(indices)
        return self._notes()

    def do_setting(self, name: str, value: Any) -> Any:
        """Change a setting, let Qt write it, and return its value."""
        setattr(self._session.settings, name, value)
        run_event_loop(20)
        return getattr(self._session.settings, name)

    def do_settings_problem(self) -> str | None:
        """Return why settings cannot be saved."""
        return self._session.settings.problem()

    def do_save_recipe(self, name: str, epochs: int) -> str:
        """Save the form's settings as a recipe; return the message."""
        tab = self._window.training_tab
        tab.form.set_recipe(with_settings(load_recipe("softmax"), [f"epochs={epochs}"]))
        tab.recipe_saver.save(name)
        return tab.messages.text

    def do_save_drawing(self, place: str) -> str:
        """Save the drawing; return the message."""
        stroke = np.array([[40, 40], [200, 40], [120, 220]], float)
        self._session.pad.change(Drawing(ink=Ink.of([stroke])), "draw")
        self._window.files.save_to(Path(place))
        return self._window.draw_tab.messages.text

    def do_download(self, mirror: str, files: list[list[Any]]) -> str:
        """Download "mnist" from a server of the test; return the problem."""
        resources = [Resource(*file) for file in files]
        self._session.downloads._fetch = lambda key: download(data_folder() / key, [mirror], resources)
        self._window.show_tab(1)
        self._session.downloads.start("mnist")
        _, values = self._next("downloaded")
        return values[1]

    def do_fine_tune(self) -> str:
        """Fine-tune on My digits and keep the model; return its file, or the problem."""
        tuner = self._session.fine_tuning
        entry = next(entry for entry in self._session.models.entries if entry.name == "softmax")
        tuner.start(entry)
        self._wait(
            lambda: tuner.state in (FineTuningState.DONE, FineTuningState.FAILED, FineTuningState.IDLE),
            "the fine-tuning",
            300,
        )
        if tuner.result is None:
            return f"not made: {tuner.problem}"
        return self.do_keep_model()

    def do_keep_model(self) -> str:
        """Keep the fine-tuned model."""
        self._session.fine_tuning.keep()
        name, values = self._next("model_kept", "model_not_kept")
        return str(values[0].path) if name == "model_kept" else f"not kept: {values[0]}"

    def _hear(self, name: str, *values: Any) -> None:
        self._heard.append((name, values))

    def _forget(self, *names: str) -> None:
        self._heard = [heard for heard in self._heard if heard[0] not in names]

    def _next(self, *names: str, seconds: float = _TIMEOUT) -> tuple[str, tuple[Any, ...]]:
        """Wait for the first of some signals that was not handled yet."""
        self._wait(lambda: any(name in names for name, _ in self._heard), " or ".join(names), seconds)
        place = next(n for n, (name, _) in enumerate(self._heard) if name in names)
        return self._heard.pop(place)

    def _count(self) -> int | None:
        name, values = self._next("changed", "own_problem")
        return values[1] if name == "changed" else None

    @staticmethod
    def _wait(condition: Callable[[], bool], what: str, seconds: float = _TIMEOUT) -> None:
        for _ in range(int(seconds / 0.005)):
            if condition():
                return
            run_event_loop(5)
        raise StuckError(f"{what} did not come within {seconds:.0f} s")

    def _run(self, run: str, *, known: bool = False) -> Run | None:
        with without_faults():  # this is not the window's work
            runs = self._session.runs.runs if known else list_runs()
        return next((found for found in runs if found.id == run), None)

    def _with_run(self, run: str, action: Callable[[Run], object]) -> bool:
        found = self._run(run, known=True)
        if found is None:
            return False
        self._forget("run_problem")
        action(found)
        return not any(name == "run_problem" for name, _ in self._heard)

    def _notes(self) -> dict[str, str]:
        samples = self._window.mistakes_tab.browser.samples
        return {str(index): mark.note for index, mark in samples.marks.items()} if samples else {}


def _rows(run: Run) -> list[int]:
    return [row.epoch for row in run.rows]

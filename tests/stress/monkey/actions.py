"""Monkey testing: seeded random actions on digitpad's window, each logged before it is done."""

import random
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.window.main_window import MainWindow
from tests.stress.monkey import input_events as events

_LONGEST_PAUSE_MS = 25
_DEEPEST = 8  # nested actions in dialogs that other actions opened
_KEPT = 30  # last actions, reported with a fault
_SMALL = ("digits-mlp-adam", "xor-mlp")
_QUICK = ("softmax", "mlp-fast")  # on MNIST; some seconds


# Weights of the actions on certain parts of the window; the keys are names of methods.
_WEIGHTS = {
    "tab": 5,
    "stroke": 16,
    "label": 5,
    "drop": 3,
    "paste": 3,
    "resize": 3,
    "state": 1,
    "theme": 1,
    "mode": 2,
    "train": 5,
    "training": 8,
    "tune": 2,
    "look": 3,
    "matrix": 4,
    "mark": 3,
    "mine": 2,
    "close": 1,
}


class Monkey(QObject):
    """Acts on a window until it is stopped, or until the window is closed.

    Each action has its own random generator, seeded by its number, so that it does not depend on the ones before it.
    """

    def __init__(self, window: MainWindow, session: Session, seed: int, files: list[Path], out: Path) -> None:
        super().__init__()
        self._window, self._session, self._seed = window, session, seed
        self._files, self._out = files, out
        self.number = 0
        self.last: deque[str] = deque(maxlen=_KEPT)
        self.log: Callable[[str], object] = lambda _: None
        self.may_close = True
        self._nested: list[QWidget | None] = []
        self._loop: QEventLoop | None = None
        self._left = 0
        self._is_stopping = False

    def live(self, actions: int = 1_000_000, *, milliseconds: int = 600_000) -> None:
        """Act `actions` times or for `milliseconds`; then close menus and dialogs, and return."""
        self._left, self._is_stopping, self._loop = actions, False, QEventLoop()
        end = QTimer()
        end.setSingleShot(True)
        end.timeout.connect(self._stop)
        end.start(milliseconds)
        QTimer.singleShot(0, self, self._tick)
        self._loop.exec()
        end.stop()
        events.release_all()

    def _stop(self) -> None:
        self._is_stopping = True

    def _tick(self) -> None:
        """Schedule the next tick, then act once: an action that opens a dialog returns only when it is closed."""
        front = events.in_front()
        if self._is_stopping or not self._left or self._is_closed:
            self._is_stopping = True
            if front is not None:
                front.close()
            elif not self._nested:
                if self._loop:
                    self._loop.quit()
                return
            QTimer.singleShot(0, self, self._tick)
            return
        rng = random.Random(f"{self._seed}/{self.number}")  # noqa: S311 - no secret
        QTimer.singleShot(rng.randrange(_LONGEST_PAUSE_MS), self, self._tick)
        # An action that processes events gets here again; inside it, act only on a dialog that it opened.
        if len(self._nested) >= _DEEPEST and front is not None:
            front.close()
        elif not self._nested or self._nested[-1] is not front:
            self._nested.append(front)
            try:
                self._act(rng, front)
            finally:
                self._nested.pop()

    @property
    def _is_closed(self) -> bool:
        return not self._window.isVisible()

    def _act(self, rng: random.Random, front: QWidget | None) -> None:
        self.number, self._left = self.number + 1, self._left - 1
        self._note(f"{self.number} begins, in front {type(front).__name__}")
        if isinstance(front, QFileDialog):
            text = events.choose_file(rng, front, self._files, self._out)
        elif isinstance(front, QMessageBox):
            text = events.answer(rng, front)
        elif front is not None:
            text = self._anything(rng, front, leaves=0.15)
        elif rng.random() < 0.55:
            name = rng.choices([*_WEIGHTS], [*_WEIGHTS.values()])[0]
            text = f"{name}: {getattr(self, f'_{name}')(rng)}"
        else:
            text = self._anything(rng, self._window)
        self._note(f"{self.number} {text}")

    def _note(self, text: str) -> None:
        self.last.append(text)
        self.log(text)

    def _anything(self, rng: random.Random, window: QWidget, leaves: float = 0.0) -> str:
        """Click, drag or type anywhere in a window."""
        if rng.random() < leaves:
            window.close()
            return "leave"
        name = rng.choices(("click", "drag", "hover", "wheel", "key", "write"), (40, 6, 6, 8, 34, 6))[0]
        if name == "key":
            return events.key(rng, window)
        if name == "write":
            return events.write(rng, window)
        return getattr(events, name)(rng, events.random_widget(rng, window))

    def _tab(self, rng: random.Random) -> str:
        number = rng.randrange(4)
        self._window.show_tab(number)
        return str(number)

    def _stroke(self, rng: random.Random) -> str:
        if not self._window.draw_tab.isVisible():
            self._window.show_tab(0)
        return events.stroke(rng, self._window.draw_tab.canvas)

    def _label(self, rng: random.Random) -> str:
        """Click one of the label buttons under the pad."""
        if not self._window.draw_tab.isVisible():
            self._window.show_tab(0)
        return events.click(rng, events.random_widget(rng, self._window.draw_tab.label_buttons))

    def _drop(self, rng: random.Random) -> str:
        return events.drop(rng, self._window, self._files)

    def _paste(self, rng: random.Random) -> str:
        return events.paste(rng, self._window.draw_tab, self._files)

    def _resize(self, rng: random.Random) -> str:
        width, height = rng.choice(((1, 1), (640, 480), (1000, 700), (1200, 780), (1400, 1000), (2600, 1700)))
        width, height = width + rng.randrange(60), height + rng.randrange(60)
        self._window.resize(width, height)
        return f"{width}x{height}"

    def _state(self, rng: random.Random) -> str:
        name = rng.choice(("showMinimized", "showNormal", "showMaximized", "showFullScreen", "showNormal"))
        getattr(self._window, name)()
        if name in ("showMinimized", "showFullScreen"):
            QTimer.singleShot(100, self._window, self._window.showNormal)
        return name

    def _theme(self, rng: random.Random) -> str:
        action = rng.choice(self._window.actions_.appearance.actions())
        action.trigger()
        return action.text()

    def _mode(self, rng: random.Random) -> str:
        actions = self._window.actions_
        action = rng.choice((actions.compare, actions.numbers, actions.steps, actions.eraser))
        action.trigger()
        return f"{action.text()} {action.isChecked()}"

    def _train(self, rng: random.Random) -> str:
        """Start a short training; this does nothing if one is running."""
        tab = self._window.training_tab
        self._window.show_tab(1)
        name = rng.choice(_SMALL * 3 + _QUICK)
        if not self._session.training.is_busy:
            tab.form.set_recipe(name)
        tab.launcher.start()
        if rng.random() < 0.2:
            tab.launcher.start()
        return name

    def _training(self, rng: random.Random) -> str:
        """Pause, resume or stop the training."""
        trainer = self._session.training
        before = trainer.state
        name = rng.choice(("pause", "resume", "pause", "resume", "stop", "follow"))
        if name == "follow":
            self._window.training_tab.progress_line.follow.click()
        elif before is not TrainingState.IDLE:
            getattr(trainer, name)()
        return f"{name} in {before.name}"

    def _tune(self, rng: random.Random) -> str:
        tuner, tab = self._session.fine_tuning, self._window.my_digits_tab
        self._window.show_tab(3)
        before = tuner.state.name
        if rng.random() < 0.6:
            tab.fine_tuning.start_page.start.click()
        else:
            tuner.stop()
        return f"in {before}"

    def _look(self, rng: random.Random) -> str:
        """Evaluate a model, or cancel the evaluation."""
        self._window.show_tab(2)
        sources = self._window.mistakes_tab.sources
        what = rng.choice(("model", "dataset", "part", "second_model", "cancel"))
        entry = rng.choice(self._session.models.entries)
        if what == "model":
            sources.choose_model(str(entry.path))
        elif what == "dataset":
            sources.choose_dataset(rng.choice(("mnist", "digits-8x8", "my-digits", "kmnist")))
        elif what == "part":
            sources.choose_part(rng.choice(("test", "test", "test", "train")))
        elif what == "second_model":
            sources.choose_second_model(rng.choice(("", str(entry.path))))
        else:
            self._session.evaluation.cancel()
        return f"{what} {entry.name}"

    def _matrix(self, rng: random.Random) -> str:
        self._window.show_tab(2)
        overview = self._window.mistakes_tab.overview
        return self._anything(rng, self._window) if not overview.isVisible() else events.click(
            rng, events.random_widget(rng, overview)
        )  # fmt: skip

    def _mark(self, rng: random.Random) -> str:
        """Click or press keys in the grid of samples."""
        self._window.show_tab(2)
        grid = self._window.mistakes_tab.gallery.grid
        target = rng.choice((grid, grid.viewport(), self._window.mistakes_tab.gallery))
        if rng.random() < 0.5:
            grid.setFocus()
            return events.key(rng, self._window)
        return events.click(rng, target)

    def _mine(self, rng: random.Random) -> str:
        self._window.show_tab(3)
        return events.click(rng, events.random_widget(rng, self._window.my_digits_tab))

    def _close(self, rng: random.Random) -> str:
        """Close the window, even if it is busy; the test opens another one afterwards."""
        if not self.may_close or rng.random() < 0.5:
            return "not now"
        is_busy = self._session.training.is_busy, self._session.fine_tuning.is_busy, self._session.evaluation.is_busy
        self._window.close()
        return f"busy with training, tuning, looking: {is_busy}"

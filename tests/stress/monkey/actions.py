"""A monkey at digitpad's window: seeded random actions, one after the other, each written down before it is done."""

import random
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.window.main_window import MainWindow
from tests.stress.monkey import input_events as hands

_LONGEST_PAUSE_MS = 25
_DEEPEST = 8  # actions within dialogs that actions opened
_KEPT = 30  # actions that are told with a fault
_SMALL = ("digits-mlp-adam", "xor-mlp")
_QUICK = ("softmax", "mlp-fast")  # on MNIST; some seconds


# How often each is done beside clicks and keys anywhere; the names of methods.
_OWN = {
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
    """Acts on a window until told to stop, or until the window is closed.

    Action `n` of a seed chooses by a generator of its own, so that it is the same whatever the ones before it did.
    """

    def __init__(self, window: MainWindow, session: Session, seed: int, files: list[Path], out: Path) -> None:
        super().__init__()
        self._window, self._session, self._seed = window, session, seed
        self._files, self._out = files, out
        self.number = 0
        self.last: deque[str] = deque(maxlen=_KEPT)
        self.log: Callable[[str], object] = lambda _: None
        self.may_close = True
        self._within: list[QWidget | None] = []
        self._loop: QEventLoop | None = None
        self._left = 0
        self._is_leaving = False

    def live(self, actions: int = 1_000_000, *, milliseconds: int = 600_000) -> None:
        """Act so often or for so long; then leave menus and dialogs, and return."""
        self._left, self._is_leaving, self._loop = actions, False, QEventLoop()
        end = QTimer()
        end.setSingleShot(True)
        end.timeout.connect(self._leave)
        end.start(milliseconds)
        QTimer.singleShot(0, self, self._tick)
        self._loop.exec()
        end.stop()
        hands.let_go()

    def _leave(self) -> None:
        self._is_leaving = True

    def _tick(self) -> None:
        """Act once, and be called again: before that, as an action may open a dialog and only then return."""
        front = hands.in_front()
        if self._is_leaving or not self._left or self._is_closed:
            self._is_leaving = True
            if front is not None:
                front.close()
            elif not self._within:
                if self._loop:
                    self._loop.quit()
                return
            QTimer.singleShot(0, self, self._tick)
            return
        chance = random.Random(f"{self._seed}/{self.number}")  # noqa: S311 - no secret
        QTimer.singleShot(chance.randrange(_LONGEST_PAUSE_MS), self, self._tick)
        # Events that an action has dealt with bring this here again; only what it opened is acted on within it.
        if len(self._within) >= _DEEPEST and front is not None:
            front.close()
        elif not self._within or self._within[-1] is not front:
            self._within.append(front)
            try:
                self._act(chance, front)
            finally:
                self._within.pop()

    @property
    def _is_closed(self) -> bool:
        return not self._window.isVisible()

    def _act(self, chance: random.Random, front: QWidget | None) -> None:
        self.number, self._left = self.number + 1, self._left - 1
        self._note(f"{self.number} begins, in front {type(front).__name__}")
        if isinstance(front, QFileDialog):
            words = hands.choose_file(chance, front, self._files, self._out)
        elif isinstance(front, QMessageBox):
            words = hands.answer(chance, front)
        elif front is not None:
            words = self._anything(chance, front, leaves=0.15)
        elif chance.random() < 0.55:
            name = chance.choices([*_OWN], [*_OWN.values()])[0]
            words = f"{name}: {getattr(self, f'_{name}')(chance)}"
        else:
            words = self._anything(chance, self._window)
        self._note(f"{self.number} {words}")

    def _note(self, words: str) -> None:
        self.last.append(words)
        self.log(words)

    def _anything(self, chance: random.Random, window: QWidget, leaves: float = 0.0) -> str:
        """Do what hands can do, anywhere."""
        if chance.random() < leaves:
            window.close()
            return "leave"
        name = chance.choices(("click", "drag", "hover", "wheel", "key", "write"), (40, 6, 6, 8, 34, 6))[0]
        if name == "key":
            return hands.key(chance, window)
        if name == "write":
            return hands.write(chance, window)
        return getattr(hands, name)(chance, hands.some_widget(chance, window))

    def _tab(self, chance: random.Random) -> str:
        number = chance.randrange(4)
        self._window.show_tab(number)
        return str(number)

    def _stroke(self, chance: random.Random) -> str:
        if not self._window.draw_tab.isVisible():
            self._window.show_tab(0)
        return hands.stroke(chance, self._window.draw_tab.canvas)

    def _label(self, chance: random.Random) -> str:
        """Press one of the keys under the pad."""
        if not self._window.draw_tab.isVisible():
            self._window.show_tab(0)
        return hands.click(chance, hands.some_widget(chance, self._window.draw_tab.label_buttons))

    def _drop(self, chance: random.Random) -> str:
        return hands.drop(chance, self._window, self._files)

    def _paste(self, chance: random.Random) -> str:
        return hands.paste(chance, self._window.draw_tab, self._files)

    def _resize(self, chance: random.Random) -> str:
        width, height = chance.choice(((1, 1), (640, 480), (1000, 700), (1200, 780), (1400, 1000), (2600, 1700)))
        width, height = width + chance.randrange(60), height + chance.randrange(60)
        self._window.resize(width, height)
        return f"{width} x {height}"

    def _state(self, chance: random.Random) -> str:
        name = chance.choice(("showMinimized", "showNormal", "showMaximized", "showFullScreen", "showNormal"))
        getattr(self._window, name)()
        if name in ("showMinimized", "showFullScreen"):
            QTimer.singleShot(100, self._window, self._window.showNormal)
        return name

    def _theme(self, chance: random.Random) -> str:
        action = chance.choice(self._window.actions_.appearance.actions())
        action.trigger()
        return action.text()

    def _mode(self, chance: random.Random) -> str:
        actions = self._window.actions_
        action = chance.choice((actions.compare, actions.numbers, actions.steps, actions.eraser))
        action.trigger()
        return f"{action.text()} {action.isChecked()}"

    def _train(self, chance: random.Random) -> str:
        """Start a training that is soon done; in vain where there is one."""
        tab = self._window.training_tab
        self._window.show_tab(1)
        name = chance.choice(_SMALL * 3 + _QUICK)
        if not self._session.training.is_busy:
            tab.form.set_recipe(name)
        tab.launcher.start()
        if chance.random() < 0.2:
            tab.launcher.start()
        return name

    def _training(self, chance: random.Random) -> str:
        """Pause, resume or stop what is trained, as the buttons and the user do."""
        trainer = self._session.training
        before = trainer.state
        name = chance.choice(("pause", "resume", "pause", "resume", "stop", "follow"))
        if name == "follow":
            self._window.training_tab.progress_line.follow.click()
        elif before is not TrainingState.IDLE:
            getattr(trainer, name)()
        return f"{name} in {before.name}"

    def _tune(self, chance: random.Random) -> str:
        tuner, tab = self._session.fine_tuning, self._window.my_digits_tab
        self._window.show_tab(3)
        before = tuner.state.name
        if chance.random() < 0.6:
            tab.fine_tuning.start_page.start.click()
        else:
            tuner.stop()
        return f"in {before}"

    def _look(self, chance: random.Random) -> str:
        """Look at a model's answers, or call it off."""
        self._window.show_tab(2)
        sources = self._window.mistakes_tab.sources
        what = chance.choice(("model", "dataset", "part", "rival", "cancel"))
        entry = chance.choice(self._session.models.entries)
        if what == "model":
            sources.choose_model(str(entry.path))
        elif what == "dataset":
            sources.choose_dataset(chance.choice(("mnist", "digits-8x8", "my-digits", "kmnist")))
        elif what == "part":
            sources.choose_part(chance.choice(("test", "test", "test", "train")))
        elif what == "rival":
            sources.choose_rival(chance.choice(("", str(entry.path))))
        else:
            self._session.evaluation.cancel()
        return f"{what} {entry.name}"

    def _matrix(self, chance: random.Random) -> str:
        self._window.show_tab(2)
        overview = self._window.mistakes_tab.overview
        return self._anything(chance, self._window) if not overview.isVisible() else hands.click(
            chance, hands.some_widget(chance, overview)
        )  # fmt: skip

    def _mark(self, chance: random.Random) -> str:
        """Go about the grid of samples: choose, mark, export."""
        self._window.show_tab(2)
        grid = self._window.mistakes_tab.gallery.grid
        target = chance.choice((grid, grid.viewport(), self._window.mistakes_tab.gallery))
        if chance.random() < 0.5:
            grid.setFocus()
            return hands.key(chance, self._window)
        return hands.click(chance, target)

    def _mine(self, chance: random.Random) -> str:
        self._window.show_tab(3)
        return hands.click(chance, hands.some_widget(chance, self._window.my_digits_tab))

    def _close(self, chance: random.Random) -> str:
        """Close the window, whatever it does; there is another one after it."""
        if not self.may_close or chance.random() < 0.5:
            return "not now"
        is_busy = self._session.training.is_busy, self._session.fine_tuning.is_busy, self._session.evaluation.is_busy
        self._window.close()
        return f"busy with training, tuning, looking: {is_busy}"

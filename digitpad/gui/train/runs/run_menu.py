"""The commands for the selected runs: a menu, and the most important ones as buttons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolButton, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.model_files import Epoch
from digitpad.core.runs.run_folder import STATE, Run
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.runs.runs_model import Row
from digitpad.gui.widgets.boxes import hbox, keep_height
from digitpad.gui.widgets.form_metrics import HEADING_HEIGHT

_SPACING = 6
_EPOCHS: tuple[Epoch, ...] = ("best", "last")


@dataclass(frozen=True, slots=True, eq=False)
class RunSelection:
    """The selected rows, and what limits the commands for them.

    Attributes
    ----------
    rows
        The selected runs, from top to bottom.
    pair
        The two runs whose settings can be compared; empty if there are not two.
    resumable
        The folders of the runs that can be resumed.
    is_busy
        Whether a training is running.

    """

    rows: Sequence[Row] = ()
    pair: Sequence[Run] = ()
    resumable: Collection[Path] = ()
    is_busy: bool = False

    @property
    def one(self) -> Run | None:
        """The selected run, if it is one that can be read."""
        row = self.rows[0] if len(self.rows) == 1 else None
        return row if isinstance(row, Run) else None


class RunMenu(QMenu):
    """Emits what the user requests; each command is enabled while it is possible."""

    use_requested = Signal()
    mistakes_requested = Signal()
    longer_requested = Signal()
    resume_requested = Signal()
    differences_requested = Signal()
    sweep_requested = Signal()
    settings_requested = Signal()
    rename_requested = Signal()
    export_requested = Signal(str)
    folder_requested = Signal()
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.use = self._add(self.tr("Use on the pad"), self.use_requested)
        self.mistakes = self._add(self.tr("Show mistakes"), self.mistakes_requested)
        self.addSeparator()
        self.longer = self._add(self.tr("Train longer…"), self.longer_requested)
        self.resume = self._add(self.tr("Resume training"), self.resume_requested)
        self.addSeparator()
        self.differences = self._add(self.tr("Differences…"), self.differences_requested)
        self.sweep = self._add(self.tr("Show compared settings"), self.sweep_requested)
        self.settings = self._add(self.tr("Load settings into the form"), self.settings_requested)
        self.rename = self._add(self.tr("Rename"), self.rename_requested)
        self.exports = self.addMenu(self.tr("Export"))
        self.folder = self._add(self.tr("Open folder"), self.folder_requested)
        self.addSeparator()
        self.delete = self._add(self.tr("Delete"), self.delete_requested)
        self.rename.setShortcut("F2")
        self.delete.setShortcut(QKeySequence.StandardKey.Delete)
        self.setToolTipsVisible(True)
        self._set_tool_tips()
        weights = {"best": self.tr("Best weights ({:,}) as {}…"), "last": self.tr("Last weights ({:,}) as {}…")}
        self._weights: dict[QAction, tuple[Epoch, str, str]] = {}  # with their epoch, text and format
        texts = {
            "csv": self.tr("Curves as CSV…"),
            "png": self.tr("Curves as PNG…"),
            "svg": self.tr("Curves as SVG…"),
        }
        for kind, text in texts.items():
            self.exports.addAction(text).setData(kind)
        formats = {
            "safetensors": "safetensors",
            "onnx": "ONNX",
            "pt": self.tr("a PyTorch state dict (.pt)"),
            "py": self.tr("a PyTorch program (.py)"),
        }
        for suffix, title in formats.items():
            for epoch in _EPOCHS:
                action = self.exports.addAction("")
                action.setData(f"{epoch}.{suffix}")
                self._weights[action] = epoch, weights[epoch], title
        self.exports.addAction(self.tr("Log for TensorBoard…")).setData("tensorboard")
        self.exports.addAction(self.tr("Report (HTML)…")).setData("html")

        self.exports.triggered.connect(self._on_export)

    def show_selection(self, selection: RunSelection) -> None:
        """Enable the commands that are possible."""
        one, is_busy = selection.one, selection.is_busy
        predicts = one is not None and one.has_model and predicts_digits(one)
        has_state = one is not None and bool(one.rows) and (one.folder / STATE).is_file()
        states = {
            self.use: predicts,
            self.mistakes: one is not None and one.has_model,
            self.longer: has_state and not is_busy,
            self.resume: one is not None and not is_busy and one.folder in selection.resumable,
            self.differences: len(selection.pair) == 2,
            self.sweep: one is not None and bool(one.info.sweep),
            self.settings: one is not None,
            self.rename: one is not None,
            self.folder: len(selection.rows) == 1,
            self.delete: bool(selection.rows),
        }
        for action, is_enabled in states.items():
            action.setEnabled(is_enabled)
        self.exports.setEnabled(one is not None and bool(one.rows))
        rows = {kept.epoch: kept.row for kept in one.kept_models} if one is not None else {}
        for action, (epoch, text, title) in self._weights.items():
            row = rows.get(epoch)
            action.setVisible(row is not None)
            action.setText(text.format(row.epoch if row else 0, title))

    def _set_tool_tips(self) -> None:
        self.use.setToolTip(self.tr("Uses this run's model on the Draw tab."))
        self.mistakes.setToolTip(self.tr("Shows the test images that this run's model predicts wrongly."))
        self.longer.setToolTip(self.tr("Trains this run for more epochs, as a new run."))
        self.differences.setToolTip(self.tr("Compares two runs: select two, or tick two. Shows what differs."))

    def _add(self, text: str, signal: SignalInstance) -> QAction:
        action = self.addAction(text)
        action.triggered.connect(signal)
        return action

    @Slot(QAction)
    def _on_export(self, action: QAction) -> None:
        self.export_requested.emit(action.data())


class RunCommands(QWidget):
    """A title, as many commands of a menu as there is room for, and a button for the whole menu."""

    def __init__(self, title: str, menu: RunMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self.more = QLabel(title), QToolButton()
        # From left to right; a narrow heading drops the last of these first.
        actions = (menu.use, menu.mistakes, menu.longer, menu.differences)
        self._buttons = {action: QPushButton(action.text()) for action in actions}
        self._title.setProperty("role", "title")
        self.more.setText("⋯")
        self.more.setToolTip(self.tr("More actions for the selected run"))
        self.more.setAccessibleName(self.tr("More"))
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

        row = hbox(self._title, None, *self._buttons.values(), self.more, parent=self, spacing=_SPACING)
        keep_height(row, HEADING_HEIGHT)

        for action, button in self._buttons.items():
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)

    def button_of(self, action: QAction) -> QPushButton:
        """Return the button of a command; hidden if there is no room for it."""
        return self._buttons[action]

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_what_fits()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._show_what_fits()
        super().changeEvent(event)

    def _show_what_fits(self) -> None:
        room = self.width() - self._title.sizeHint().width() - self.more.sizeHint().width() - px(_SPACING)
        for button in self._buttons.values():
            room -= button.sizeHint().width() + px(_SPACING)
            button.setVisible(room >= 0)


def predicts_digits(run: Run) -> bool:
    """Return whether a run's model has the ten digits as outputs."""
    return getattr(run.recipe.model, "outputs", CLASSES) == CLASSES

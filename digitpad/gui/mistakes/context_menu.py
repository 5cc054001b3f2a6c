"""The menu of the samples, and the part of it that exports."""

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from digitpad.gui.mistakes.texts import samples_text


class SampleMenu(QMenu):
    """The commands for the selected samples; `exports` is a menu of its own too, which the button Export opens."""

    put_on_pad_requested = Signal()
    draw_requested = Signal()  # of other random samples
    draw_earlier_requested = Signal()
    mark_requested = Signal()
    export_requested = Signal(str)  # "sheet", "folder" or "csv"
    print_requested = Signal()
    export_confusion_requested = Signal()
    export_marks_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.put_on_pad = self._action(self.tr("Put on the pad"), self.put_on_pad_requested)
        self.addSeparator()
        self.mark = self._action("", self.mark_requested)
        self.mark.setShortcut(QKeySequence("M"))
        self.addSeparator()
        self.draw = self._action(self.tr("Other random samples"), self.draw_requested)
        self.draw.setShortcut(QKeySequence("R"))
        self.draw_earlier = self._action(self.tr("Earlier random samples"), self.draw_earlier_requested)
        self.draw_earlier.setShortcut(QKeySequence("Shift+R"))
        self.addSeparator()
        self.exports = QMenu(self.tr("Export"), self)
        self.addMenu(self.exports)
        self._about = self.exports.addAction("")
        self._about.setEnabled(False)
        self._exports = [self._export(kind, title) for kind, title in self._export_titles().items()]
        self._exports.append(self._action(self.tr("Print…"), self.print_requested, self.exports))
        self._exports[-1].setShortcut(QKeySequence.StandardKey.Print)
        self.exports.addSeparator()
        self.export_confusion = self._action(
            self.tr("Confusion matrix (CSV, PNG, SVG)…"), self.export_confusion_requested, self.exports
        )
        self.export_marks = self._action(self.tr("All label marks (CSV)…"), self.export_marks_requested, self.exports)
        self.show_counts(0, 0)
        self.show_draw(None)

        self.exports.triggered.connect(self._on_triggered)

    @property
    def shortcut_actions(self) -> list[QAction]:
        """The actions that have a shortcut."""
        return [self.mark, self.draw, self.draw_earlier, self._exports[-1]]

    def show_draw(self, seed: int | None) -> None:
        """Show whether other random samples can be drawn; `seed`: of those shown, None if all samples are shown."""
        self.draw.setEnabled(seed is not None)
        self.draw_earlier.setEnabled(bool(seed))

    def show_counts(self, selected: int, shown: int, *, are_marked: bool = False) -> None:
        """Show how many samples are selected and shown; `are_marked`: all the selected ones are marked as wrong."""
        about = selected if selected > 1 else shown
        self._about.setText(
            self.tr("{} selected").format(samples_text(selected, self.tr))
            if selected > 1
            else self.tr("All {} shown").format(samples_text(shown, self.tr))
        )
        self.put_on_pad.setEnabled(selected == 1)
        self.mark.setEnabled(selected > 0)
        self.mark.setText(self.tr("Remove mark from label") if are_marked else self.tr("Mark label as wrong"))
        for action in self._exports:
            action.setEnabled(about > 0)

    def _export_titles(self) -> dict[str, str]:
        return {
            "sheet": self.tr("Contact sheet (PNG)…"),
            "folder": self.tr("Folder of PNGs with CSV…"),
            "csv": self.tr("CSV only…"),
        }

    def _action(self, title: str, signal: SignalInstance, menu: QMenu | None = None) -> QAction:
        action = (menu or self).addAction(title)
        action.triggered.connect(signal)
        return action

    def _export(self, kind: str, title: str) -> QAction:
        action = self.exports.addAction(title)
        action.setData(kind)
        return action

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        if kind := action.data():
            self.export_requested.emit(kind)

"""The figure that matters, large above the curves, with a few words about it."""

from dataclasses import dataclass
from math import isfinite

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import percent
from digitpad.gui.help.term_label import TermLink, explain
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.sentences import duration, with_minus

# The figure is larger where there is room.
_FIGURE, _ROOMY_FIGURE, _ROOMY = 2.25, 2.7, 420
_TEXT = 1.05
_GAP = 8
_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known about a training; accuracies are fractions, None while there is none."""

    training_loss: float | None = None  # of the last batches
    training_accuracy: float | None = None
    sample_loss: float | None = None  # of the last test on a sample of the test images
    sample_accuracy: float | None = None
    sample_size: int = 0
    test_loss: float | None = None  # of the last measured epoch
    test_accuracy: float | None = None


class Headline(QWidget):
    """One line: a large figure, and smaller words after it. A change starts no new layout."""

    accessible_role = QAccessible.Role.StaticText

    guide_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = self._words = self._longest_words = ""
        TermLink(self, self.guide_requested)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole line, such as "98.2 % test · epoch 2 of 10"."""
        return f"{self._figure} {self._words}".strip()

    def clear(self) -> None:
        """Show nothing; the height stays."""
        self._show("", "")

    def show_nothing(self) -> None:
        """Say that a training has no figures."""
        self._show("", self.tr("No epoch was completed."))

    def show_training(self, recipe: Recipe, figures: Figures, progress: Progress, state: TrainingState) -> None:
        """Show the newest figure of a training in progress, and its epoch."""
        explain(self, _place(recipe))
        figure, what = self._newest(figures, uses_loss=_uses_loss(recipe))
        words = [what] if what else []
        words.append(self.tr("epoch {:,} of {:,}").format(progress.epoch, progress.epochs))
        states = {TrainingState.PAUSED: self.tr("paused"), TrainingState.STOPPING: self.tr("stopping…")}
        # With room for each state, so that the words stay as they are during a pause.
        longest = [*words, max(states.values(), key=len)]
        words += [states[state]] if state in states else []
        self._show(figure, _SEPARATOR.join(words), _SEPARATOR.join(longest))

    def show_run(self, run: Run) -> None:
        """Show the epoch of a run whose model is used; the tooltip has the best one too."""
        used, best = run.used, run.best
        if used is None or best is None:
            self.show_nothing()
            return
        explain(self, _place(run.recipe))
        uses_loss = _uses_loss(run.recipe)
        figure = _loss(used.test_loss) if uses_loss else _percent(used.test_accuracy, 2)
        what = self.tr("test loss") if uses_loss else self.tr("test")
        parts = [what, self._epochs(run), duration(run.seconds)]
        states = {"stopped": self.tr("stopped"), "failed": self.tr("failed"), "unfinished": self.tr("interrupted")}
        if run.info.outcome in states:
            parts.insert(2, states[run.info.outcome])
        self._show(figure, _SEPARATOR.join(parts))
        if used is not best:
            value = _loss(best.test_loss) if uses_loss else _percent(best.test_accuracy, 2)
            self.setToolTip(f"{self.text}\n" + self.tr("best {} at epoch {:,}").format(value, best.epoch))

    def sizeHint(self) -> QSize:
        return QSize(px(240), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, round(QFontMetricsF(self._figure_font(_ROOMY_FIGURE)).height()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme_colours(self.palette())
        font = self._figure_font(_ROOMY_FIGURE if self.width() >= px(_ROOMY) else _FIGURE)
        metrics = QFontMetricsF(font)
        base, left = (self.height() - metrics.height()) / 2 + metrics.ascent(), 0.0
        if self._figure:
            painter.setFont(font)
            painter.setPen(colours["text"])
            painter.drawText(QPointF(0, base), self._figure)
            # Reserved, so that the words do not move when the figure changes.
            left = max(map(metrics.horizontalAdvance, (self._figure, _reserved(self._figure)))) + px(_GAP)
        painter.setPen(colours["muted"])
        self._paint_words(painter, QRectF(left, 0, max(self.width() - left, 0.0), self.height()), base)

    def _paint_words(self, painter: QPainter, room: QRectF, base: float) -> None:
        """Paint the words on the base line of the figure, or in two smaller lines if that is too long."""
        font = tabular_font(self.font(), _TEXT)
        if QFontMetricsF(font).horizontalAdvance(self._longest_words) <= room.width():
            painter.setFont(font)
            painter.drawText(QPointF(room.left(), base), self._words)
            return
        font = tabular_font(self.font(), CAPTION)
        metrics = QFontMetricsF(font)
        first, _, rest = self._words.partition(_SEPARATOR)
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room.width()) for line in (first, rest)]
        painter.setFont(font)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))

    def _figure_font(self, size: float) -> QFont:
        font = tabular_font(self.font(), size)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _newest(self, figures: Figures, *, uses_loss: bool) -> tuple[str, str]:
        """Return the figure to show and what it is: a whole test, or else one on a sample, or else the training."""
        if uses_loss:
            if figures.test_loss is not None:
                return _loss(figures.test_loss), self.tr("test loss")
            return (
                ("", "") if figures.training_loss is None else (_loss(figures.training_loss), self.tr("training loss"))
            )
        if figures.test_accuracy is not None:
            return _percent(figures.test_accuracy, 1), self.tr("test")
        if figures.sample_accuracy is not None:
            words = self.tr("test, sample of {:,}").format(figures.sample_size)
            return _percent(figures.sample_accuracy, 1), words
        if figures.training_accuracy is not None:
            return _percent(figures.training_accuracy, 0), self.tr("training")
        return "", ""

    def _epochs(self, run: Run) -> str:
        done = run.last.epoch if run.last else 0
        if done == 1:
            return self.tr("1 epoch")
        if run.used is not run.best:
            return self.tr("last of {:,} epochs").format(done)
        return self.tr("best of {:,} epochs").format(done)

    def _show(self, figure: str, words: str, longest_words: str = "") -> None:
        if (figure, words) != (self._figure, self._words):
            self._figure, self._words, self._longest_words = figure, words, longest_words or words
            self.setAccessibleName(self.text)
            self.setToolTip(self.text)
            self.update()


def _uses_loss(recipe: Recipe) -> bool:
    """Return whether the loss says more than the accuracy: that of a single output is of four points."""
    return getattr(recipe.model, "outputs", 10) == 1


def _place(recipe: Recipe) -> str:
    """Return where the guide explains the figure."""
    return "glossary#loss" if _uses_loss(recipe) else "glossary#accuracy"


def _percent(value: float, decimals: int) -> str:
    return percent(value, decimals) if isfinite(value) else "–"


def _loss(value: float) -> str:
    if not isfinite(value):
        return "∞"
    return f"{value:.4f}" if abs(value) < 1e4 else with_minus(f"{value:.2e}")


def _reserved(figure: str) -> str:
    """Return the widest text of the same form as a percentage below 100: digits are equally wide."""
    return f"8{figure}" if "%" in figure and not figure[1:2].isdigit() else figure

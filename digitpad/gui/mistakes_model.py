"""A model's mistakes as a list for Qt's views."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from digitpad.core.mistakes import Mistake, MistakesOfRun

Index = QModelIndex | QPersistentModelIndex
MISTAKE_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class MistakesModel(QAbstractListModel):
    """One row a mistake, in the order they come in."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mistakes: MistakesOfRun | None = None

    @property
    def mistakes(self) -> MistakesOfRun | None:
        """What is shown."""
        return self._mistakes

    def show_mistakes(self, mistakes: MistakesOfRun | None) -> None:
        """Show others, or none."""
        self.beginResetModel()
        self._mistakes = mistakes
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self._mistakes is None else len(self._mistakes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if self._mistakes is None or not index.isValid():
            return None
        mistake = self._mistakes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.tr("Pred: {}, Label: {}").format(mistake.predicted, mistake.label)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(mistake)
            case _ if role == MISTAKE_ROLE:
                return mistake
        return None

    def _sentence(self, mistake: Mistake) -> str:
        words = self.tr("test image {:,}: label {}, predicted {} with {:.0f} %")
        return words.format(mistake.index, mistake.label, mistake.predicted, 100 * mistake.confidence)

"""A page whose content is made when it is first wanted."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Content = TypeVar("Content", bound=QWidget)


class LaterPage(QWidget, Generic[Content]):
    """Takes the place of a widget that takes long to make."""

    def __init__(self, make: Callable[[], Content], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._content: Content | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    @property
    def content(self) -> Content:
        """The widget, made now if it was not before."""
        if self._content is None:
            self._content = self._make()
            layout = self.layout()
            assert layout is not None  # noqa: S101 - the constructor's
            layout.addWidget(self._content)
            self._content.show()  # now: the layout would do it later
        return self._content

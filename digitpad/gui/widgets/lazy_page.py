"""A page whose content is made when it is first wanted."""

from typing import Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Content = TypeVar("Content", bound=QWidget)


class LazyPage(QWidget, Generic[Content]):
    """Takes the place of a widget that takes long to make.

    It does not make it itself: with a method of its window in hand it would keep that from being let go.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: Content | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def content(self) -> Content | None:
        """The widget, once it is made."""
        return self._content

    def set_content(self, content: Content) -> Content:
        """Take the widget in, and return it."""
        self._content = content
        self._layout.addWidget(content)
        content.show()  # now: the layout would do it later
        return content

"""A tab page whose content is created when it is first shown."""

from typing import Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Content = TypeVar("Content", bound=QWidget)


class LazyPage(QWidget, Generic[Content]):
    """Takes the place of a widget that is slow to create.

    The window creates it: a factory method kept here would be a reference cycle with the window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: Content | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def content(self) -> Content | None:
        """The widget, or None before it is created."""
        return self._content

    def set_content(self, content: Content) -> Content:
        """Add the widget and return it."""
        self._content = content
        self._layout.addWidget(content)
        content.show()  # the layout would show it later
        return content

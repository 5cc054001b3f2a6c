"""What a screen reader is told while a test runs."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent


class Heard(list[str]):
    """What was said, in order; `urgent` are those that interrupt, `items` the items of lists that got the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.urgent: list[str] = []
        self.items: list[str] = []

    def add(self, event: QAccessibleEvent) -> None:
        if not isinstance(event, QAccessibleAnnouncementEvent):
            self.items.append(event.accessibleInterface().text(QAccessible.Text.Name))
            return
        self.append(event.message())
        if event.politeness() is QAccessible.AnnouncementPoliteness.Assertive:
            self.urgent.append(event.message())


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()
    monkeypatch.setattr("digitpad.gui.accessibility.screen_reader.send", heard.add)
    return heard

"""Garbage is collected in the thread of the window, between its events."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from digitpad.gui.threads.garbage_collector import GarbageCollector


class _Cycle:
    """Garbage that tells in which thread it was collected."""

    def __init__(self, collected_in: list[threading.Thread]) -> None:
        self.itself = self
        self.collected_in = collected_in

    def __del__(self) -> None:
        self.collected_in.append(threading.current_thread())


def make_cycles(collected_in: list[threading.Thread]) -> None:
    """Create more objects than the collector lets pass."""
    for _ in range(10 * gc.get_threshold()[0]):
        _Cycle(collected_in)


@pytest.fixture
def collector(qapp: object) -> Iterator[QObject]:
    gc.enable()
    parent = QObject()
    GarbageCollector(parent)
    yield parent
    gc.disable()  # as tests/conftest.py leaves it


def test_garbage_of_another_thread_is_collected_in_the_thread_of_the_window(collector: QObject, qtbot: QtBot) -> None:
    collected_in: list[threading.Thread] = []
    thread = threading.Thread(target=make_cycles, args=[collected_in])
    thread.start()
    thread.join()
    assert collected_in == []
    qtbot.waitUntil(lambda: collected_in != [])
    assert set(collected_in) == {threading.main_thread()}


def test_all_generations_are_collected(collector: QObject, qtbot: QtBot) -> None:
    """An object that outlived a collection is collected too, some collections later."""
    before = gc.get_threshold()
    gc.set_threshold(before[0], 1, 1)
    collected_in: list[threading.Thread] = []
    old = _Cycle(collected_in)
    gc.collect()
    del old
    try:
        qtbot.waitUntil(lambda: make_cycles([]) or collected_in != [])
    finally:
        gc.set_threshold(*before)


def test_no_collection_comes_amid_a_call(collector: QObject, qtbot: QtBot) -> None:
    collected_in: list[threading.Thread] = []
    make_cycles(collected_in)
    assert collected_in == []
    qtbot.waitUntil(lambda: collected_in != [])

"""Fixtures for tests with a window; they run offscreen and fail if a thread is left running."""

from tests.helpers.gui import (
    focused,
    isolated_settings,
    no_close_prompts,
    release_mouse_buttons,
    session,
    settled,
    themes,
    threads_of_one_priority,
    window,
)
from tests.helpers.heard import heard

__all__ = [
    "focused",
    "heard",
    "isolated_settings",
    "no_close_prompts",
    "release_mouse_buttons",
    "session",
    "settled",
    "themes",
    "threads_of_one_priority",
    "window",
]

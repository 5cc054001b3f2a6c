"""Fixtures for tests with a window."""

from tests.helpers.gui import (
    isolated_settings,
    no_close_prompts,
    release_mouse_buttons,
    session,
    settled,
    themes,
    threads_of_one_priority,
    window,
)

__all__ = [
    "isolated_settings",
    "no_close_prompts",
    "release_mouse_buttons",
    "session",
    "settled",
    "themes",
    "threads_of_one_priority",
    "window",
]

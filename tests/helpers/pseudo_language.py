"""A language in which every translated text is in brackets, to find the texts that are not translated."""

import re
from pathlib import Path

from babel.messages.mofile import write_mo
from translate import collect

NAME = "xx"


def write_catalogue(folder: Path) -> None:
    """Write the catalogue of the language `NAME` into a folder of catalogues."""
    messages = collect()
    for message in messages:
        if message.id:
            message.string = tuple(f"⟦{text}⟧" for text in message.id) if message.pluralizable else f"⟦{message.id}⟧"
    file = folder / NAME / "LC_MESSAGES" / "digitpad.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        write_mo(stream, messages)


def without_brackets(text: str) -> str:
    """Return what is not translated: the text without what is in brackets."""
    while (shorter := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text

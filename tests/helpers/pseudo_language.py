"""A language in which every translated text is in brackets, to find the texts that are not translated."""

import re
from collections.abc import Callable
from pathlib import Path

from babel.messages.mofile import write_mo
from translate import collect

NAME = "xx"


def in_brackets(text: str) -> str:
    """Return a text in brackets."""
    return f"⟦{text}⟧"


def write_catalogue(folder: Path, translate: Callable[[str], str] = in_brackets) -> None:
    """Write the catalogue of the language `NAME` into a folder of catalogues."""
    messages = collect()
    for message in messages:
        if message.id:
            texts = (message.id,) if isinstance(message.id, str) else message.id
            strings = tuple(translate(text) for text in texts)
            message.string = strings if message.pluralizable else strings[0]
    file = folder / NAME / "LC_MESSAGES" / "digitpad.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        write_mo(stream, messages)


def lengthened(text: str) -> str:
    """Return a text about 30 % longer, as many languages are: every second vowel is doubled."""
    kept = re.split(r"(\{[^{}]*\}|<[^<>]*>|&\w|\*?\.\w+|`[^`]*`)", text)
    vowels = re.compile(r"([aeiou][^aeiou]*)([aeiou])")
    return "".join(part if number % 2 else vowels.sub(r"\1\2\2", part) for number, part in enumerate(kept))


def without_brackets(text: str) -> str:
    """Return what is not translated: the text without what is in brackets."""
    while (shorter := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text

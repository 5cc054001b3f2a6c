"""Make broken files from valid ones; the same random numbers make the same file.

    draw = random.Random("7:pictures:123")
    mutated(seeds, draw)             bytes: one of the seeds with one to eight changes
    mutated(seeds, draw, TOML)       with a grammar, text files are also changed token by token
    regzipped(content, draw, JSON)   a gzip file whose content is changed; the compressed bytes may be changed too
    bomb(draw, unit)                 a gzip file of a few kB that unpacks to up to 64 MB of repeated `unit`
    nasty_text(draw)                 a string for names, titles and keys that often causes bugs

Changes that need no knowledge of the format: bits and bytes, cuts, repeats, swaps, splices of two seeds, and integers
of every width and byte order, mostly within the first bytes, where headers are. A `Grammar` adds its tokens.
"""

import gzip
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

LARGEST = 1 << 20
_HEADER = 64
_INTERESTING = (0, 1, 2, 3, 7, 8, 16, 32, 64, 100, 127, 128, 255, 256, 257, 1024, 4096, 32767, 32768, 65535, 65536)
_LARGE = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF)
_NASTY_TEXTS = (
    *(
        "",
        " ",
        ".",
        "..",
        "../../x",
        "/etc/passwd",
        "C:\\x",
        "~/x",
        "CON",
        "nul.toml",
        "x\x00y",
        "a\nb",
        "a\rb",
        "\x1b[31m",
    ),
    *(
        "\u202etxt",
        "\u2028",
        "\ufeff",
        "\ud7ff",
        "é" * 50,
        "😀",
        "%s%n",
        "{0}",
        "<b>&amp;</b>",
        "a" * 10_000,
        "__class__",
    ),
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """A text format: the pattern of its tokens, and values to replace a token with."""

    token: re.Pattern[bytes]
    values: tuple[bytes, ...]


_NUMBERS = (
    *(
        b"0",
        b"-0",
        b"-1",
        b"1",
        b"2",
        b"10",
        b"28",
        b"1.5",
        b"0.1",
        b"1e308",
        b"-1e308",
        b"1e-320",
        b"1e12",
        b"-1e12",
        b"1e13",
    ),
    *(
        b"1e400",
        b"2147483648",
        b"9223372036854775808",
        b"9" * 400,
        b"1_000",
        b"0x10",
        b"1e5",
        b"1000000000",
        b"-2147483649",
    ),
)
_TOKEN = re.compile(rb'"[^"\n]*"|[\w.+-]+|[\[\]{}:,=\n]')
JSON = Grammar(
    _TOKEN,
    (
        *_NUMBERS,
        *(
            b"NaN",
            b"Infinity",
            b"-Infinity",
            b"null",
            b"true",
            b"false",
            b"[]",
            b"{}",
            b"[[]]",
            b"[[[]]]",
            b'""',
            b'"7"',
        ),
        *(
            b"[[[0,0],[5,5]]]",
            b"[[0,0]]",
            b"[0,0]",
            b'[["a","b"]]',
            b"[[null,1]]",
            b"[[true,false]]",
            b"[[1e308,-1e308]]",
        ),
        *(
            b'"strokes"',
            b'"label"',
            b'"id"',
            b'"pen"',
            b'"writer"',
            b'"\\u0000"',
            b'"\\ud800"',
            b'"a\\nb"',
            b'"\\u001b[31m"',
        ),
        *(
            b"9" * 5000,
            b"-" + b"9" * 4301,
            b"[" * 3000,
            b"[" * 200 + b"]" * 200,
            b'{"a":' * 300,
            b"\xff",
            b"\xef\xbb\xbf",
            b"\x00",
        ),
    ),
)
TOML = Grammar(
    _TOKEN,
    (
        *_NUMBERS,
        *(
            b"nan",
            b"inf",
            b"-inf",
            b"true",
            b"false",
            b"[]",
            b"{}",
            b"[[]]",
            b'""',
            b"''",
            b'"""',
            b"'''",
            b"1979-05-27",
            b"07:32:00",
        ),
        *(
            b"1979-05-27T07:32:00Z",
            b"[model]",
            b"[training]",
            b"[training.augmentation]",
            b"[published]",
            b"[[model]]",
            b"[a.b.c]",
        ),
        *(
            b'"../../x"',
            b'"a\\nb"',
            b'"\\u0000"',
            b'"\\u001b[31m"',
            b'"\\u2028"',
            b"\xff",
            b"\x00",
            b"\r",
            b"\xef\xbb\xbf",
            b"9" * 5000,
        ),
        *(
            b"[" * 3000,
            b"[" * 200 + b"]" * 200,
            b"{a=" * 300,
            b"a." * 3000 + b"a",
            b"[8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192]",
        ),
        *(
            b'"' + b"a" * 5000 + b'"',
            b'"cnn"',
            b'"mlp"',
            b'"softmax"',
            b'"xor"',
            b'"digits-8x8"',
            b'"numpy"',
            b'"full"',
            b'"cuda:99999"',
        ),
    ),
)


def mutated(seeds: Sequence[bytes], draw: Random, grammar: Grammar | None = None) -> bytes:
    """Return one of the seeds, changed; at most `LARGEST` bytes."""
    content = bytearray(draw.choice(seeds))
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        if grammar is not None and draw.random() < 0.75:
            content = bytearray(_with_other_token(bytes(content), draw, grammar))
        else:
            draw.choice(_CHANGES)(content, draw, seeds)
    return bytes(content[:LARGEST])


def regzipped(content: bytes, draw: Random, grammar: Grammar | None = None) -> bytes:
    """Return a gzip file of the changed content; one in four is damaged as a file too."""
    packed = gzip.compress(mutated([content], draw, grammar), 1, mtime=0)
    if draw.random() < 0.1:
        packed += gzip.compress(content[: draw.randrange(200)], 1, mtime=0)
    return mutated([packed], draw) if draw.random() < 0.25 else packed


def bomb(draw: Random, unit: bytes, most: int = 64 << 20) -> bytes:
    """Return a small gzip file that unpacks to a power of two of bytes, up to `most`, of `unit` again and again."""
    size = most >> draw.randrange(12)
    squeezed = zlib.compressobj(6, zlib.DEFLATED, 31)
    block = (unit * (65536 // max(1, len(unit)) + 1))[:65536]
    return b"".join([squeezed.compress(block) for _ in range(max(1, size // 65536))]) + squeezed.flush()


def nasty_text(draw: Random) -> str:
    """Return a string that often causes bugs."""
    if draw.random() < 0.7:
        return draw.choice(_NASTY_TEXTS)
    return "".join(
        chr(draw.choice((draw.randrange(32, 127), draw.randrange(0x2FF), draw.randrange(0xD800)))) for _ in range(9)
    )


def _place(content: bytearray, draw: Random) -> int:
    """Choose an offset: half of the time within the header."""
    end = min(len(content), _HEADER) if draw.random() < 0.5 else len(content)
    return draw.randrange(end) if end else 0


def _flip(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    if content:
        content[_place(content, draw)] ^= 1 << draw.randrange(8)


def _set(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    if content:
        content[_place(content, draw)] = draw.choice((0, 1, 127, 128, 255, draw.randrange(256)))


def _set_integer(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    if not content:
        return
    place, width = _place(content, draw), draw.choice((1, 2, 4, 8))
    if width > 1 and draw.random() < 0.7:
        place -= place % width
    value = draw.choice(_INTERESTING) if draw.random() < 0.6 else draw.choice(_LARGE)
    if draw.random() < 0.2:
        value = -value
    packed = struct.pack(draw.choice("<>") + "Q", value & 0xFFFFFFFFFFFFFFFF)
    content[place : place + width] = packed[-width:] if packed[-1] == value & 0xFF else packed[:width]


def _cut(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    del content[_place(content, draw) :]


def _drop(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    start = _place(content, draw)
    del content[start : start + draw.choice((1, 2, 4, 16, 200))]


def _repeat(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    start, length = _place(content, draw), draw.choice((1, 2, 4, 16, 200))
    content[start:start] = content[start : start + length] * draw.choice((1, 1, 2, 50))


def _insert(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    start = _place(content, draw)
    content[start:start] = draw.randbytes(draw.choice((1, 2, 4, 16, 200)))


def _swap(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    first, second, length = _place(content, draw), _place(content, draw), draw.choice((1, 4, 16))
    one, other = content[first : first + length], content[second : second + length]
    content[first : first + length], content[second : second + length] = other, one


def _splice(content: bytearray, draw: Random, seeds: Sequence[bytes]) -> None:
    other = draw.choice(seeds)
    content[_place(content, draw) :] = other[_place(bytearray(other[:LARGEST]), draw) :]


def _extend(content: bytearray, draw: Random, _: Sequence[bytes]) -> None:
    content += draw.choice((b"\x00", b"\xff", b"\n", draw.randbytes(4))) * draw.choice((1, 7, 1000))


_Change = Callable[[bytearray, Random, Sequence[bytes]], None]
_CHANGES: tuple[_Change, ...] = (
    *(_flip, _flip, _set, _set, _set_integer, _set_integer, _set_integer),
    *(_cut, _drop, _repeat, _insert, _swap, _splice, _extend),
)


def _with_other_token(content: bytes, draw: Random, grammar: Grammar) -> bytes:
    """Replace, drop, repeat or exchange a token."""
    found = [match.span() for match in grammar.token.finditer(content[:LARGEST])]
    if not found:
        return draw.choice(grammar.values)
    start, end = draw.choice(found)
    rng = draw.random()
    if rng < 0.6:
        new = draw.choice(grammar.values)
    elif rng < 0.7:
        new = b""
    elif rng < 0.8:
        new = content[start:end] * 2
    else:
        other = draw.choice(found)
        new = content[slice(*other)]
    return content[:start] + new + content[end:]

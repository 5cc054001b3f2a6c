"""UNIPEN, the format of the handwriting collections of the 1990s, such as UCI's Pen-Based Digits.

Format: Guyon and others, "UNIPEN project of on-line data exchange and recognizer benchmarks" (1994).
"""

import re
from collections.abc import Iterable, Iterator

from digitpad.core.errors import DigitpadError

Strokes = list[list[list[float]]]
_SEGMENT = re.compile(r"\.SEGMENT\s+(?P<level>\S+)\s+(?:(?P<places>[\d:,\-]+)\s+)?.*?\"(?P<label>[^\"]*)\"")
_MAX_STROKES = 2_000_000
_LEVELS = ("DIGIT", "CHARACTER", "SYMBOL", "GLYPH")


def parse_unipen(lines: Iterable[str], where: str) -> Iterator[tuple[Strokes, str]]:
    """Yield strokes and label of each segment; a segment has numbers of strokes, or lasts to the next segment.

    UNIPEN's y axis points up; in the strokes it points down.

    Raise DigitpadError, which names `where`, at a line that is not UNIPEN.
    """
    strokes: Strokes = []  # of both kinds: what the pen does above the paper has a number too, and no points here
    segments: list[tuple[str, str, int]] = []  # places, label, the number of strokes before it
    columns, is_down = (0, 1), False
    for line in lines:
        words = line.split()
        if not words:
            continue
        if words[0].startswith("."):
            is_down = words[0] == ".PEN_DOWN"
            columns = _columns(words) or columns
            if words[0] in (".PEN_DOWN", ".PEN_UP"):
                strokes.append([])
            elif (found := _SEGMENT.match(line)) and found["level"] in _LEVELS:
                segments.append((found["places"] or "", found["label"], len(strokes)))
        elif is_down:
            strokes[-1].append(_point(words, columns, where))
        if len(strokes) > _MAX_STROKES:
            raise DigitpadError("{where} has too many strokes: split it into several files", where=where)
    if not segments:
        yield _upright(strokes), ""
        return
    ends = [*(start for _, _, start in segments[1:]), len(strokes)]
    for (places, label, start), end in zip(segments, ends, strict=True):
        yield _upright([strokes[number] for number in (_numbers(places, len(strokes)) or range(start, end))]), label


def _columns(words: list[str]) -> tuple[int, int] | None:
    """Return the places of x and y among the numbers of a point, if the line says them."""
    if words[0] != ".COORD" or not {"X", "Y"} <= set(words[1:]):
        return None
    return words.index("X") - 1, words.index("Y") - 1


def _point(words: list[str], columns: tuple[int, int], where: str) -> list[float]:
    try:
        return [float(words[column]) for column in columns]
    except (ValueError, IndexError) as error:
        raise DigitpadError(
            "{where} has the point “{point}”, which is no pair of numbers: correct it",
            where=where,
            point=" ".join(words)[:40],
        ) from error


def _numbers(places: str, count: int) -> list[int]:
    """Return the strokes that "0-2,5" names; the points after a colon are left out."""
    chosen: list[int] = []
    for place in filter(None, places.split(",")):
        ends = [int(text.partition(":")[0] or 0) for text in place.split("-") if text[:9].partition(":")[0].isdigit()]
        if ends:
            chosen += range(min(ends[0], count), min(ends[-1] + 1, count))
    return chosen[:count]


def _upright(strokes: Strokes) -> Strokes:
    """Return strokes with y downwards; UNIPEN's y axis points up."""
    return [[[x, -y] for x, y in stroke] for stroke in strokes if stroke]

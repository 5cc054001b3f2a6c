"""InkML, the W3C's format for ink: traces of points, with the label as an annotation."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from digitpad.core.errors import DigitpadError

_LABELS = ("truth", "label", "digit", "value")
_MAX_DRAWINGS = 100_000
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
Strokes = list[list[list[float]]]


def parse_inkml(text: str, where: str) -> Iterator[tuple[Strokes, str]]:
    """Yield strokes and label of each drawing: of each labelled group of traces, else of the whole document.

    Raise DigitpadError, which names `where`, if it is not InkML, or has points as differences.
    """
    # Entities could unpack to gigabytes, and no writer of ink needs them.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DigitpadError(
            "{where} has definitions of its own, which are not read: save it as plain InkML", where=where
        )
    try:
        # Whatever encoding the text declares, it is decoded already.
        parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - without definitions nothing is expanded
        root = ET.fromstring(text.encode(), parser)  # noqa: S314
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise DigitpadError("{where} is damaged: it is not complete XML", where=where) from error
    if _tag(root) != "ink":
        raise DigitpadError("{where} is not InkML: choose another file", where=where)
    columns = _columns(root)
    traces = {
        trace.get("id") or trace.get("{http://www.w3.org/XML/1998/namespace}id") or str(number): trace
        for number, trace in enumerate(_all(root, "trace"))
    }
    groups = [group for group in _all(root, "traceGroup") if _label_of(group)]
    if not groups:
        yield [_points(trace, columns, where) for trace in traces.values()], _label_of(root)
        return
    for group in groups[:_MAX_DRAWINGS]:
        named = [view.get("traceDataRef", "").lstrip("#") for view in _all(group, "traceView")]
        chosen = [*_all(group, "trace"), *(traces[name] for name in named if name in traces)]
        yield [_points(trace, columns, where) for trace in chosen], _label_of(group)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: ET.Element, name: str) -> list[ET.Element]:
    return [found for found in element.iter() if _tag(found) == name and found is not element]


def _label_of(element: ET.Element) -> str:
    """Return the annotation of an element itself that says what was written, or an empty text."""
    for child in element:
        if _tag(child) == "annotation" and child.get("type", "").lower() in _LABELS:
            return (child.text or "").strip().strip("$")
    return ""


def _columns(root: ET.Element) -> tuple[int, int]:
    """Return the places of X and Y among the channels of a point."""
    names = [channel.get("name", "").upper() for channel in _all(root, "channel")]
    return (names.index("X"), names.index("Y")) if {"X", "Y"} <= set(names) else (0, 1)


def _points(trace: ET.Element, columns: tuple[int, int], where: str) -> list[list[float]]:
    points = []
    for text in (trace.text or "").split(","):
        if not text.strip():
            continue
        values = text.split()
        if not all(_NUMBER.fullmatch(values[column]) for column in columns if column < len(values)):
            raise DigitpadError(
                "{where} has points that are no plain numbers: save it with absolute values", where=where
            )
        if max(columns) >= len(values):
            raise DigitpadError("{where} has a point with less than two numbers: correct it", where=where)
        points.append([float(values[column]) for column in columns])
    return points

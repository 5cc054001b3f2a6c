"""TOML files that a user wrote, or downloaded."""

import copy
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.size_check import regular_file_size

SUFFIX = ".toml"

_MAX_SIZE = 1 << 18  # bytes

# tomllib's time grows with the square of the parts of a dotted key, which is on one line: this many take a second.
_MAX_SQUARED_DOTS = 10_000_000

# Each time the Train tab or a menu opens, the same files are read; to parse them is the slow part.
_parsed = lru_cache(maxsize=64)(tomllib.loads)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raise DigitpadError, which names the file, if it cannot be read or is not valid TOML."""
    text = ""
    try:
        if regular_file_size(path) > _MAX_SIZE:
            raise DigitpadError("{path} is too large: choose another file", path=path)
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows may write a BOM
        if sum(line.count(".") ** 2 for line in text.split("\n")) > _MAX_SQUARED_DOTS:
            raise DigitpadError("{path} has a line with too many dots: choose another file", path=path)
        return copy.deepcopy(_parsed(text))
    except OSError as error:
        raise read_error(path, error) from error
    except UnicodeDecodeError as error:
        raise DigitpadError("{path} is not UTF-8 text: save it as UTF-8", path=path) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise DigitpadError(
            "{path} is not valid TOML: correct line {line}", path=path, line=line[1] if line else len(text.splitlines())
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or thousands of brackets
        raise DigitpadError("{path} is not valid TOML: it has too many digits or brackets", path=path) from error

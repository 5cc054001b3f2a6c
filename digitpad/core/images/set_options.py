"""What the user said about a data set, at the end of its path: "digits.csv#invert,seed=3"."""

import re
from dataclasses import dataclass

_OPTION = r"(?:invert|transpose|ten-is-zero|seed=\d{1,9})"
_OPTIONS = re.compile(rf"(?P<path>.+)#(?P<options>{_OPTION}(?:,{_OPTION})*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Options:
    """How a data set is read.

    Attributes
    ----------
    invert
        Whether its pictures are dark on light: pixels become 255 minus their value. Pictures that are normalised as
        the pad does need no option.
    transpose
        Whether rows and columns of its pictures are swapped.
    ten_is_zero
        Whether the label 10 means the digit 0, as in files for MATLAB, where counting begins at 1.
    seed
        Chooses the test samples of data that has no test part of its own.

    """

    invert: bool = False
    transpose: bool = False
    ten_is_zero: bool = False
    seed: int = 0

    @property
    def text(self) -> str:
        """The options as they follow a path; empty if all are as usual."""
        words = {"invert": self.invert, "transpose": self.transpose, "ten-is-zero": self.ten_is_zero}
        chosen = [word for word, is_set in words.items() if is_set] + ([f"seed={self.seed}"] if self.seed else [])
        return f"#{','.join(chosen)}" if chosen else ""


def split_options(dataset: str) -> tuple[str, Options]:
    """Return a data set's path or name, and the options that follow it."""
    if not (found := _OPTIONS.fullmatch(dataset)):
        return dataset, Options()
    words = found["options"].split(",")
    seeds = [int(word.removeprefix("seed=")) for word in words if word.startswith("seed=")]
    options = Options("invert" in words, "transpose" in words, "ten-is-zero" in words, seeds[-1] if seeds else 0)
    return found["path"], options

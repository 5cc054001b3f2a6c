"""The curve per batch that is kept with a run, ``batches.bin``, thinned while it is written.

Each point is a group of consecutive steps. When there are too many, neighbours are joined and later groups take twice
as many steps: a long run has 1,000 to 2,000 points wherever it ends.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.runs.appended_file import AppendedFile, read_appended_file

CURVE = "batches.bin"
MAX_POINTS = 2000  # of groups, and of tests
_MAGIC = b"digitpad-batches-1\n"
# A record: its kind, how many steps are in the group (or of how many tests this is one), the position of its first and
# of its last step, then mean, lowest and highest loss, and mean, lowest and highest accuracy.
_COLUMNS = 10
_RECORD_SIZE = 8 * _COLUMNS
_STEPS, _TEST = 0.0, 1.0
_MAX_SIZE = 1 << 20  # bytes; the largest file has 320 kB
_MAX_POSITION = 1_000_000.0  # epochs
_Record = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BatchCurve:
    """Loss and accuracy of a run's batches, and of its tests within epochs.

    Step s of n in epoch e is at e - 1 + s / n on the epoch axis. Positions do not fall.

    Attributes
    ----------
    steps
        (n, 7) float64, n at most 2,001: for each group of consecutive steps its middle on the epoch axis; the mean, the
        lowest and the highest loss of its batches; the mean, the lowest and the highest accuracy, fractions. All are
        finite.
    tests
        (m, 3) float64, m at most 2,000: position, loss and accuracy of each `InterimTest`. A loss may be infinite or
        NaN.

    """

    steps: np.ndarray
    tests: np.ndarray


def read_batch_curve(folder: Path) -> BatchCurve:
    """Read the curve in a run's folder, up to what is damaged; without a file the arrays are empty."""
    steps, tests = _read(folder / CURVE)
    middle = (steps[:, 2] + steps[:, 3]) / 2
    return BatchCurve(np.column_stack([middle, steps[:, 4:]]), tests[:, [2, 4, 7]])


def step_numbers(folder: Path) -> np.ndarray:
    """Return (n,) int64: for each group of steps in a run's folder the number of its last step, from 1 on."""
    return np.cumsum(_read(folder / CURVE)[0][:, 1]).astype(np.int64)


class BatchCurveWriter:
    """Collects the steps of a training in memory; `flush` writes them.

    A curve that cannot be written now is written at a later flush: it never stops a training.
    """

    def __init__(self, folder: Path, *, done: int = 0) -> None:
        """Continue the curve of a run that has `done` epochs; what was written of later ones is dropped."""
        steps, tests = (found[found[:, 3] <= done + 1e-9] for found in _read(folder / CURVE))
        self._groups: list[_Record] = list(map(tuple, steps.tolist()))
        self._tests: list[_Record] = list(map(tuple, tests.tolist()))
        self._group_size = _power_of_two(steps)
        self._test_stride = _power_of_two(tests)
        self._tests_since_last = 0
        self._pending: list[_Record] = []  # not written yet
        self._file = AppendedFile(folder / CURVE)
        self._steps_per_epoch = 1
        self._group = _Group()

    def start(self, steps_per_epoch: int) -> None:
        """Set the number of steps in an epoch, before the first step."""
        self._steps_per_epoch = steps_per_epoch

    def add_step(self, epoch: int, step: int, loss: float, accuracy: float) -> None:
        """Add a step; it takes a microsecond and writes nothing."""
        self._group.add(epoch - 1 + step / self._steps_per_epoch, loss, accuracy)
        if self._group.count >= self._group_size:
            self._close_group()

    def add_test(self, epoch: int, step: int, loss: float, accuracy: float) -> None:
        """Add a test within an epoch."""
        self._tests_since_last += 1
        if self._tests_since_last < self._test_stride:
            return
        self._tests_since_last = 0
        position = epoch - 1 + step / self._steps_per_epoch
        record = (_TEST, float(self._test_stride), position, position, loss, loss, loss, *(accuracy,) * 3)
        self._tests.append(record)
        self._pending.append(record)
        if len(self._tests) >= MAX_POINTS:
            self._test_stride *= 2
            self._tests = [(_TEST, float(self._test_stride), *test[2:]) for test in self._tests[1::2]]
            self._file.rewrite()
            self._pending.clear()

    def flush(self, *, is_last: bool = False) -> None:
        """Write what is complete; with `is_last` also the group in progress."""
        if is_last and self._group.count:
            self._close_group()
        self._file.write(_packed(self._pending), self._whole)
        self._pending.clear()

    def _close_group(self) -> None:
        record = (_STEPS, *self._group.figures)
        self._groups.append(record)
        self._pending.append(record)
        self._group = _Group()
        if len(self._groups) >= MAX_POINTS:
            self._group_size *= 2
            self._groups = [_joined(*self._groups[start : start + 2]) for start in range(0, len(self._groups), 2)]
            self._file.rewrite()
            self._pending.clear()

    def _whole(self) -> bytes:
        return _MAGIC + _packed([*self._groups, *self._tests])


@dataclass(slots=True)
class _Group:
    """The group of steps in progress."""

    count: int = 0
    first: float = 0.0
    last: float = 0.0
    loss: float = 0.0
    lowest_loss: float = 0.0
    highest_loss: float = 0.0
    accuracy: float = 0.0
    lowest_accuracy: float = 0.0
    highest_accuracy: float = 0.0

    def add(self, position: float, loss: float, accuracy: float) -> None:
        self.count += 1
        self.last = position
        if self.count == 1:
            self.first = position
            self.loss = self.lowest_loss = self.highest_loss = loss
            self.accuracy = self.lowest_accuracy = self.highest_accuracy = accuracy
            return
        # Not a sum, which overflows for the losses of a diverging training.
        self.loss += (loss - self.loss) / self.count
        self.accuracy += (accuracy - self.accuracy) / self.count
        if loss < self.lowest_loss:
            self.lowest_loss = loss
        elif loss > self.highest_loss:
            self.highest_loss = loss
        if accuracy < self.lowest_accuracy:
            self.lowest_accuracy = accuracy
        elif accuracy > self.highest_accuracy:
            self.highest_accuracy = accuracy

    @property
    def figures(self) -> _Record:
        return (
            *(float(self.count), self.first, self.last, self.loss, self.lowest_loss, self.highest_loss),
            *(self.accuracy, self.lowest_accuracy, self.highest_accuracy),
        )


def _joined(first: _Record, second: _Record) -> _Record:
    """Return the group of the steps of two groups."""
    count = first[1] + second[1]
    share = second[1] / count
    loss, accuracy = (first[column] + (second[column] - first[column]) * share for column in (4, 7))
    lows = [min(first[column], second[column]) for column in (5, 8)]
    highs = [max(first[column], second[column]) for column in (6, 9)]
    return (_STEPS, count, first[2], second[3], loss, lows[0], highs[0], accuracy, lows[1], highs[1])


def _power_of_two(records: np.ndarray) -> int:
    """Return the group size, or the stride, of records: the last of a training may be smaller."""
    return 1 << (int(records[:, 1].max()) - 1).bit_length() if len(records) else 1


def _packed(records: list[_Record]) -> bytes:
    return np.array(records, "<f8").tobytes()


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups and the tests of a file up to the first record that is not valid, each (n, 10) float64."""
    content = read_appended_file(path, _MAX_SIZE)
    whole = (len(content) - len(_MAGIC)) // _RECORD_SIZE if content.startswith(_MAGIC) else 0
    records = np.frombuffer(content, "<f8", whole * _COLUMNS, len(_MAGIC) if whole else 0).reshape(-1, _COLUMNS)
    is_valid = _are_valid(records)
    records = records[: len(records) if is_valid.all() else int(np.argmin(is_valid))]
    steps, tests = (_rising(records[records[:, 0] == kind]) for kind in (_STEPS, _TEST))
    return steps[: MAX_POINTS + 1], tests[:MAX_POINTS]


def _are_valid(records: np.ndarray) -> np.ndarray:
    """Return for each record whether it has figures that a training can have."""
    kind, count, first, last = records[:, :4].T
    losses, accuracies = records[:, 4:7], records[:, 7:]
    with np.errstate(invalid="ignore"):
        return (
            ((kind == _TEST) | ((kind == _STEPS) & np.isfinite(losses).all(axis=1)))
            & ((count >= 1) & (count <= 2.0**53))
            & ((first > 0) & (first <= last) & (last <= _MAX_POSITION))
            & ((accuracies >= 0) & (accuracies <= 1)).all(axis=1)
        )


def _rising(records: np.ndarray) -> np.ndarray:
    """Return the records up to the first that is not after the one before."""
    falls = records[1:, 2] < records[:-1, 3] if len(records) else np.zeros(0, bool)
    return records[: int(np.argmax(falls)) + 1] if falls.any() else records

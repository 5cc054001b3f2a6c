"""What to know about a data set before it is used: sizes, counts for each digit, polarity, labels from 1 to 10."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from digitpad.core.datasets.formats.opening import OpenedDataset
from digitpad.core.datasets.formats.samples import LeftOut, LeftOutCounter, Reason, Samples, rim_of
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.set_options import Options
from digitpad.core.translation import tr, tr_plural

_SHOWN = 16
_LIGHT = 128  # the rim of a picture that is dark on light is lighter than this
_JUDGED = 2000  # pictures that polarity is judged by


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What a data set holds.

    Attributes
    ----------
    training, test
        Number of samples of each part.
    is_split
        Whether one in five was held out for testing, because the files have no test part.
    sizes
        The sizes of the pictures in words.
    normalised
        How many pictures were normalised as the pad does.
    left_out
        What was left out, by the reason.
    counts
        For each label how many samples, training and test together.
    looks_inverted
        Whether the pictures are dark on light, as MNIST's are not.
    has_ten
        Whether the labels are from 1 to 10, so that 10 may mean the digit 0.

    """

    format: str
    training: int
    test: int
    is_split: bool
    sizes: str
    normalised: int
    left_out: Mapping[Reason, LeftOut]
    counts: dict[int, int]
    looks_inverted: bool
    has_ten: bool

    @property
    def total(self) -> int:
        """The number of samples; one of both parts counts once."""
        return sum(self.counts.values())

    @property
    def missing(self) -> list[int]:
        """The digits that no sample has."""
        zero = {0} if self.has_ten else set()
        return [digit for digit in range(CLASSES) if digit not in self.counts and digit not in zero]

    @property
    def suggested(self) -> Options:
        """The options that fit the data."""
        return Options(invert=self.looks_inverted, ten_is_zero=self.has_ten)

    @property
    def what(self) -> str:
        """The format, the sizes and the numbers of samples, one sentence without a full stop."""
        text = tr("{format}, {training:,} training and {test:,} test pictures of {sizes}")
        if self.is_split:
            text = tr(
                "{format}, {count:,} pictures of {sizes}: {training:,} for training, {test:,} held out for testing"
            )
        elif self.total < self.training + self.test:
            text = tr("{format}, {count:,} pictures of {sizes}, the same for training and testing")
        return text.format(
            format=self.format, training=self.training, test=self.test, sizes=self.sizes, count=self.total
        )

    def notes(self, options: Options) -> list[str]:
        """Return what is unusual about the data as it is read with these options, a sentence each."""
        found = []
        if self.normalised:
            text = tr("{count:,} of {total:,} pictures were normalised as the pad does")
            found.append(text.format(count=self.normalised, total=self.total))
        found += [_left_out_text(reason, what) for reason, what in self.left_out.items()]
        if self.looks_inverted:
            found.append(
                tr("the pictures are dark on light and are inverted")
                if options.invert
                else tr("the pictures look inverted: they are dark on light, but MNIST's are light on dark")
            )
        elif options.invert:
            found.append(tr("the pictures are inverted, though they look light on dark"))
        if self.has_ten:
            found.append(
                tr("the label 10 is read as the digit 0")
                if options.ten_is_zero
                else tr("the labels are from 1 to 10: 10 may mean the digit 0")
            )
        if self.missing:
            digits = ", ".join(map(str, self.missing))
            found.append(tr("no sample has the label {digits}").format(digits=digits))
        return found


def summary_of(opened: OpenedDataset) -> Summary:
    """Return what a data set holds."""
    parts = {id(samples): samples for samples in opened.parts.values()}.values()
    left_out = LeftOutCounter()
    for samples in parts:
        left_out.update(samples)
    labels = np.concatenate([samples.labels for samples in parts])
    counts = {int(label): int(count) for label, count in zip(*np.unique(labels, return_counts=True), strict=True)}
    sizes: Counter[tuple[int, int]] = Counter()
    for samples in parts:
        sizes.update(samples.sizes)
    return Summary(
        format=opened.format,
        training=len(opened.parts.get("train", ())),
        test=len(opened.parts.get("test", ())),
        is_split=opened.is_split,
        sizes=_sizes_text(sizes),
        normalised=sum(int(samples.is_normalised.sum()) for samples in parts),
        left_out=left_out.found,
        counts=counts,
        looks_inverted=_looks_inverted(opened),
        has_ten=CLASSES in counts and min(counts) >= 1 and max(counts) == CLASSES,
    )


def random_samples(opened: OpenedDataset, count: int = _SHOWN, seed: int = 0) -> Samples:
    """Return some samples, of all digits alike, as stored."""
    samples = opened.parts.get("train") or opened.parts["test"]
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(samples))
    # By turns one of each label.
    turns = np.zeros(len(order), np.int64)
    for label in np.unique(samples.labels):
        turns[samples.labels[order] == label] = np.arange(int((samples.labels == label).sum()))
    return samples.chosen(draw.permutation(order[np.argsort(turns, kind="stable")][:count]))


def _left_out_text(reason: Reason, what: LeftOut) -> str:
    if reason == "unreadable":
        text = tr_plural(
            "{count:,} file cannot be read and is left out: {first}",
            "{count:,} files cannot be read and are left out; the first: {first}",
            what.count,
        )
    elif reason == "no label":
        text = tr_plural(
            "{count:,} sample has no label and is left out ({first})",
            "{count:,} samples have no label and are left out (the first is in {first})",
            what.count,
        )
    else:
        text = tr_plural(
            "{count:,} sample has no ink and is left out",
            "{count:,} samples have no ink and are left out",
            what.count,
        )
    return text.format(count=what.count, first=what.first)


def _looks_inverted(opened: OpenedDataset) -> bool:
    """Return whether the rim of most pictures that were not normalised is light."""
    light = judged = 0
    for samples in opened.parts.values():
        stored = samples.images[np.flatnonzero(~samples.is_normalised)[:_JUDGED]]
        light += int((np.median(rim_of(stored), axis=-1) >= _LIGHT).sum())
        judged += len(stored)
    return light > judged / 2


def _sizes_text(sizes: Counter[tuple[int, int]]) -> str:
    widths, heights = sorted({width for width, _ in sizes}), sorted({height for _, height in sizes})
    texts = [str(ends[0]) if ends[0] == ends[-1] else f"{ends[0]}–{ends[-1]}" for ends in (widths, heights) if ends]
    return f"{'x'.join(texts)} px"

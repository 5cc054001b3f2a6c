"""What the Start button does now, or why it cannot be pressed. Without Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from digitpad.core.datasets.catalogue import DatasetState, entry_of, megabytes
from digitpad.core.images.idx_sets import looks_like_path
from digitpad.core.translation import tr
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.widgets.sentences import sentence


class Place(StrEnum):
    """Where a note leads, if it is not a field of the form."""

    PAUSE = "pause"
    MY_DIGITS = "my digits"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class InvalidField:
    """A field that has to be corrected; without a label it is a rule between several settings."""

    key: str
    label: str
    problem: str


@dataclass(frozen=True, slots=True)
class Downloads:
    """The data set that is downloaded now, "" for none, and whether a training follows."""

    key: str = ""
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class StartState:
    """The state of the Start button.

    Attributes
    ----------
    texts
        Its text, and shorter ones for a narrow window.
    note
        Why it cannot be pressed; empty if it can.
    details
        The whole reason, for the tooltip of the note.
    place
        Where the note leads: the key of a field, `WHOLE_FORM`, or a `Place`.
    invitation
        The sentence in the place of the learning curves.

    """

    texts: tuple[str, ...]
    note: str = ""
    details: str = ""
    place: str = ""
    invitation: str = ""
    can_compare: bool = False  # whether the data is there, so that several trainings can follow each other

    @property
    def is_problem(self) -> bool:
        """Whether the user has to change something; otherwise it is enough to wait."""
        return bool(self.note) and self.place not in (Place.PAUSE, Place.DOWNLOAD)

    @property
    def can_press(self) -> bool:
        """Whether Start can be pressed."""
        return not self.note


def start_state(
    training: TrainingState,
    *,
    is_tuning: bool,
    invalid: Sequence[InvalidField],
    dataset: str,
    data: DatasetState,
    downloads: Downloads,
) -> StartState:
    """Return what Start does with these settings and this data."""
    if training is not TrainingState.IDLE:
        return _in_training(training)
    if is_tuning:
        return _blocked(tr("A model is learning from your digits."), place=Place.MY_DIGITS)
    if invalid:
        return _to_correct(invalid)
    if data.is_ready:
        invitation = tr("Press Start, and the learning curves appear here.")
        return StartState((tr("Start"),), invitation=invitation, can_compare=True)
    if not data.download:
        return _without_data(dataset, data)
    return _to_download(dataset, data, downloads)


def _blocked(note: str, *, place: str, details: str = "", texts: tuple[str, ...] = ()) -> StartState:
    invitation = tr("{} Then press Start, and the learning curves appear here.").format(note)
    return StartState(texts or (tr("Start"),), note, details, place, invitation)


def _in_training(state: TrainingState) -> StartState:
    notes = {
        TrainingState.PAUSED: tr("The training is paused: press Resume to continue."),
        TrainingState.STOPPING: tr("The training stops after this batch."),
    }
    note = notes.get(state, tr("A training is in progress."))
    invitation = tr("A training is in progress: the learning curves appear here in a moment.")
    return StartState((tr("Start"),), note, "", Place.PAUSE, invitation)


def _to_correct(invalid: Sequence[InvalidField]) -> StartState:
    first, count = invalid[0], len(invalid) - 1
    details = "\n".join(f"{field.label}: {field.problem}" if field.label else field.problem for field in invalid)
    if not first.label:
        return _blocked(sentence(first.problem), place=first.key, details=details)
    if count:
        note = tr("Correct “{}” and {} more first.").format(first.label, count)
    else:
        note = tr("Correct “{}” first.").format(first.label)
    return _blocked(note, place=first.key, details=details)


def _without_data(dataset: str, data: DatasetState) -> StartState:
    note = details = sentence(data.sentence)
    if looks_like_path(dataset):  # the path may be long
        note = tr("“{}” is missing: choose other data.").format(entry_of(dataset).title)
    return _blocked(note, place="dataset", details=details)


def _to_download(dataset: str, data: DatasetState, downloads: Downloads) -> StartState:
    title, size = entry_of(dataset).title, megabytes(data.download)
    if downloads.key not in ("", dataset):
        note = tr("{} is being downloaded first.").format(entry_of(downloads.key).title)
        return _blocked(note, place=Place.DOWNLOAD, texts=_download_texts(title, size))
    if downloads.key and downloads.is_awaited:
        invitation = tr("The training starts by itself when {} is downloaded.").format(title)
        texts = (tr("Downloading {}…").format(title),)
        return StartState(texts, tr("The training starts by itself."), invitation, Place.DOWNLOAD, invitation)
    texts = (tr("Start after the download"),) if downloads.key else _download_texts(title, size)
    invitation = tr("{} is not installed yet. Press “{}”, and the learning curves appear here.")
    if data.gap:
        invitation = tr("{} is not complete yet. Press “{}”, and the learning curves appear here.")
    return StartState(texts, invitation=invitation.format(title, texts[0]))


def _download_texts(title: str, size: str) -> tuple[str, ...]:
    return (
        tr("Download {} ({}) and start").format(title, size),
        tr("Download ({}) and start").format(size),
    )

"""Bad surroundings: each is answered with a sentence, never with a crash, and nothing is lost."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping

from tests.stress.budget import Effort, Outcome
from tests.stress.environment import disks, libraries, processes
from tests.stress.homes import WrongError

# A case of an attack raises `WrongError` where something is not as docs/reliability.md promises.
Case = Callable[[], None]
ATTACKS: dict[str, Mapping[str, Case]] = {
    "disk full": disks.FULL,
    "read-only and misplaced folders": disks.UNWRITABLE,
    "home on a slow disk": disks.SLOW,
    "clock jumps": disks.CLOCK,
    "no home, odd folders, names and locales": processes.FOLDERS,
    "closed and broken streams, few descriptors": processes.STREAMS,
    "signals while training": processes.SIGNALS,
    "missing and older libraries": libraries.LIBRARIES,
    "no display, no GPU any more": libraries.DEVICES,
}


def attacks(effort: Effort) -> Iterator[Outcome]:
    """Make every attack case by case, some of them where time is short: others with another seed."""
    for number, (name, cases) in enumerate(ATTACKS.items()):
        yield attack(name, cases, effort.share(len(ATTACKS) - number))


def attack(name: str, cases: Mapping[str, Case], effort: Effort) -> Outcome:
    """Make as many cases of one attack as there is time for."""
    first = effort.seed % len(cases)
    order = itertools.islice(itertools.cycle(cases.items()), first, first + len(cases))
    done, slowest, found = 0, 0.0, []
    for _, (case, make) in zip(effort.attempts(len(cases)), order, strict=False):
        begun = time.monotonic()
        try:
            make()
        except WrongError as wrong:
            found.append(f"{case}: {wrong}")
        done, slowest = done + 1, max(slowest, time.monotonic() - begun)
    return Outcome(name, done, len(found), slowest, note=" | ".join(found)[:3000])

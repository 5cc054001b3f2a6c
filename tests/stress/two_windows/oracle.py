"""What two windows were told is kept, held against the files after each round."""

import configparser
import json
import random
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.run_folder import read_run
from tests.stress.homes import Answer, Window, expect, user_folder

_GONE = -1


@dataclass(slots=True)
class _Deed:
    """What one window does in a round, and what is made of its answer."""

    do: str
    how: dict[str, Any]
    took: Callable[[Answer, int], None]


@dataclass(slots=True)
class Truth:
    """Makes up rounds; knows what must be there after each."""

    home: Path
    chance: random.Random
    kept: dict[int, int] = field(default_factory=dict)  # digits by id, their label or _GONE
    wanted: dict[int, list[int]] = field(default_factory=dict)  # what was done to them in this round
    runs: dict[str, list[int]] = field(default_factory=dict)  # measured epochs that were told
    names: dict[str, list[str]] = field(default_factory=dict)
    deleted: dict[int, str] = field(default_factory=dict)  # by window, what it can bring back
    notes: dict[str, list[str]] = field(default_factory=dict)  # on samples: all that was noted and never seen to go
    seen: list[dict[str, str]] = field(default_factory=lambda: [{}, {}])  # the notes each window shows
    recipes: dict[str, int] = field(default_factory=dict)
    settings: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    aside: set[str] = field(default_factory=set)  # runs that were deleted: gone for good when the windows close
    number: int = 0
    are_closed: bool = False  # both windows

    @classmethod
    def of(cls, home: Path, chance: random.Random) -> "Truth":
        """Take what is there as what must be; nobody has marked anything yet, or both windows see it."""
        truth = cls(home, chance)
        file = user_folder(home) / "my-digits.sqlite3"
        if file.is_file():
            with MyDigits.open(file) as mine:
                truth.kept = {digit.id: digit.label for digit in mine.all()}
        marks = truth._marks()
        truth.notes = dict(marks)
        truth.seen = [{index: "; ".join(notes) for index, notes in marks.items()} for _ in range(2)]
        return truth

    def _marks(self) -> dict[str, list[str]]:
        file = user_folder(self.home) / "label-marks.json"
        marks = json.loads(file.read_text(encoding="utf-8"))["marks"] if file.is_file() else []
        return {str(mark["index"]): mark["note"].split("; ") for mark in marks}

    @property
    def told(self) -> str:
        """How often each thing was done."""
        return ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))

    def round(self, windows: tuple[Window, Window]) -> float:
        """Let both do something at the same time, and look; return the seconds of the slower one."""
        first = self._deed()
        # Half of the time both want the very same thing.
        second = self._again(first) if self.chance.random() < 0.5 else self._deed()
        self.wanted, self.settings = {}, {}
        before = {index: list(notes) for index, notes in self.notes.items()}
        for window, deed in zip(windows, (first, second), strict=True):
            self.counts[deed.do] += 1
            window.ask(deed.do, **deed.how)
        slowest = 0.0
        answers = [window.answer().check() for window in windows]
        for number, (answer, deed) in enumerate(zip(answers, (first, second), strict=True)):
            deed.took(answer, number)
            slowest = max(slowest, answer.seconds)
        self._check_notes(before, (first, second), answers)
        self.check_all()
        return slowest

    def check_all(self) -> None:
        """Hold the files against what was told."""
        self._check_digits()
        self._check_runs()
        self._check_rest()

    # What is done

    def _deed(self) -> _Deed:
        self.number += 1
        weights = {
            self._keep: 20, self._relabel: 16, self._delete: 10, self._restore: 8, self._train: 8, self._rename: 8,
            self._delete_run: 5, self._undo: 4, self._mark: 14, self._unmark: 4, self._set: 6, self._save: 6,
        }  # fmt: skip
        return self.chance.choices(list(weights), list(weights.values()))[0]()

    def _again(self, deed: _Deed) -> _Deed:
        """Let the other window want the same of the same, with another value where there is one."""
        self.number += 1
        how = dict(deed.how)
        if deed.do == "keep":
            how["number"] = self.number
        if deed.do == "relabel":
            how["labels"] = {number: (label + 1) % 10 for number, label in how["labels"].items()}
        for name in ("note", "name"):
            if name in how and deed.do in ("mark", "rename"):
                how[name] = f"{how[name]} too"
        if deed.do == "save_recipe":
            how["epochs"] += 1
        if deed.do == "setting":
            how["value"] = type(how["value"])(how["value"] / 2)
        took = {"keep": self._took_kept, "relabel": self._took_relabel, "mark": self._took_marked}
        makers: dict[str, Callable[[dict[str, Any]], Callable[[Answer, int], None]]] = {
            "save_recipe": self._took_recipe, "setting": self._took_setting, "rename": self._took_name,
        }  # fmt: skip
        if deed.do in took:
            return _Deed(deed.do, how, self._with(took[deed.do], how))
        return _Deed(deed.do, how, makers[deed.do](how) if deed.do in makers else deed.took)

    def _with(
        self, took: Callable[[Answer, int, dict[str, Any]], None], how: dict[str, Any]
    ) -> Callable[[Answer, int], None]:
        return lambda answer, number: took(answer, number, how)

    def _made(self, do: str, took: Callable[[Answer, int, dict[str, Any]], None], **how: Any) -> _Deed:
        return _Deed(do, how, self._with(took, how))

    def _keep(self) -> _Deed:
        return self._made("keep", self._took_kept, number=self.number, label=self.chance.randrange(10))

    def _took_kept(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        expect(that=answer.result is not None, otherwise=f"a digit was not kept: {answer.said}")
        expect(that=answer.result not in self.kept, otherwise=f"two digits have the id {answer.result}")
        self.kept[answer.result] = how["label"]

    def _some(self, *, gone: bool) -> int | None:
        ids = [number for number, label in self.kept.items() if (label == _GONE) == gone]
        return self.chance.choice(ids) if ids else None

    def _relabel(self) -> _Deed:
        if (number := self._some(gone=False)) is None:
            return self._keep()
        return self._made("relabel", self._took_relabel, labels={str(number): self.chance.randrange(10)})

    def _took_relabel(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        expect(that=answer.result is not None, otherwise=f"a digit was not relabelled: {answer.said}")
        for number, label in how["labels"].items():
            if answer.result:
                self.wanted.setdefault(int(number), []).append(label)

    def _delete(self) -> _Deed:
        if (number := self._some(gone=False)) is None:
            return self._keep()
        return self._made("delete", self._took_deleted, numbers=[number])

    def _took_deleted(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        expect(that=answer.result is not None, otherwise=f"a digit was not deleted: {answer.said}")
        if answer.result:
            self.wanted.setdefault(how["numbers"][0], []).append(_GONE)

    def _restore(self) -> _Deed:
        if (number := self._some(gone=True)) is None:
            return self._delete()
        return self._made("restore", self._took_restored, numbers=[number])

    def _took_restored(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        if answer.result:
            self.wanted.setdefault(how["numbers"][0], []).append(-2)  # with whichever label it had

    def _train(self) -> _Deed:
        return self._made("train", self._took_run, name="soak", epochs=2)

    def _took_run(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        result = answer.result
        expect(that=not result["problem"], otherwise=f"a training failed: {result['problem']}")
        expect(that=result["run"] not in self.runs, otherwise="two trainings have one folder")
        self.runs[result["run"]] = list(range(1, how["epochs"] + 1))
        self.names[result["run"]] = [how["name"]]

    def _rename(self) -> _Deed:
        if not self.runs:
            return self._train()
        run = self.chance.choice(sorted(self.runs))
        how = {"run": run, "name": f"name {self.number}"}
        return _Deed("rename", how, self._took_name(how))

    def _took_name(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        def took(answer: Answer, _number: int) -> None:
            if answer.result:
                self.wanted.setdefault(hash(how["run"]), []).append(0)
                first = len(self.wanted[hash(how["run"])]) == 1
                self.names[how["run"]] = [*([] if first else self.names[how["run"]]), how["name"]]

        return took

    def _delete_run(self) -> _Deed:
        if not self.runs:
            return self._train()
        return self._made("delete_run", self._took_run_deleted, run=self.chance.choice(sorted(self.runs)))

    def _took_run_deleted(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        if answer.result and not (user_folder(self.home) / "runs" / how["run"]).exists():
            self.deleted[number] = how["run"]
            self.aside.add(how["run"])

    def _undo(self) -> _Deed:
        return self._made("undo_delete", self._took_undone)

    def _took_undone(self, answer: Answer, number: int, _how: dict[str, Any]) -> None:
        run = self.deleted.pop(number, None)
        expect(that=bool(answer.result), otherwise=f"a deleted run did not come back: {run}, {answer.said}")

    def _mark(self) -> _Deed:
        return self._made("mark", self._took_marked, indices=[self.chance.randrange(12)], note=f"note {self.number}")

    def _took_marked(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        index, shown = str(how["indices"][0]), self.seen[number]
        # What this window saw, it may write over.
        known = [note for note in self.notes.get(index, []) if note in shown.get(index, "").split("; ")]
        self.notes[index] = [note for note in self.notes.get(index, []) if note not in known] + [how["note"]]
        self.seen[number] = answer.result

    def _unmark(self) -> _Deed:
        return self._made("unmark", self._took_unmarked, indices=[self.chance.randrange(12)])

    def _took_unmarked(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        index = str(how["indices"][0])
        known = self.seen[number].get(index, "").split("; ")
        self.notes[index] = [note for note in self.notes.get(index, []) if note not in known]
        self.seen[number] = answer.result

    def _set(self) -> _Deed:
        name = self.chance.choice(["threshold", "thumbnail_side"])
        how = {"name": name, "value": self.chance.randrange(2, 500) * 2 / (1 if name == "thumbnail_side" else 1000)}
        how["value"] = int(how["value"]) if name == "thumbnail_side" else how["value"]
        return _Deed("setting", how, self._took_setting(how))

    def _took_setting(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        key = {"threshold": "threshold", "thumbnail_side": "thumbnails"}[how["name"]]
        return lambda _answer, _number: self.settings.setdefault(key, []).append(str(how["value"]))

    def _save(self) -> _Deed:
        how = {"name": f"recipe {self.number % 40}", "epochs": self.number + 1}
        return _Deed("save_recipe", how, self._took_recipe(how))

    def _took_recipe(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        def took(answer: Answer, _number: int) -> None:
            if answer.result.startswith("Saved to"):
                expect(that=how["name"] not in self.recipes, otherwise=f"{how['name']} was saved over, unasked")
                self.recipes[how["name"]] = how["epochs"]

        return took

    # What is looked at

    def _check_digits(self) -> None:
        path = user_folder(self.home) / "my-digits.sqlite3"
        if not self.kept:
            return
        with MyDigits.open(path) as mine:
            expect(that=not mine.problem, otherwise=mine.problem)
            there = {digit.id: digit.label for digit in mine.all()}
        for number, before in list(self.kept.items()):
            wanted = self.wanted.get(number, [])
            found = there.get(number, _GONE)
            is_right = found in wanted or (not wanted and found == before) or (-2 in wanted and found != _GONE)
            expect(that=is_right, otherwise=f"digit {number} is {found}; it was {before}, and {wanted} was told")
            self.kept[number] = found
        expect(that=set(there) <= set(self.kept), otherwise="My digits has digits that nobody kept")
        self.wanted = {}

    def _check_runs(self) -> None:
        for run, epochs in list(self.runs.items()):
            place = self._place(run)
            if place is None and run in self.aside and self.are_closed:
                del self.runs[run]
                continue
            expect(that=place is not None, otherwise=f"the run {run} is gone")
            assert place is not None
            if place.parent.name == "runs":
                self.aside.discard(run)
            found = read_run(place)
            told = f"{[row.epoch for row in found.rows]}, {found.info.outcome}, {found.name!r}"
            is_right = [row.epoch for row in found.rows] == epochs and found.info.outcome == "finished"
            expect(that=is_right, otherwise=f"the run {run} is {told}; {epochs} was told")
            expect(that=found.name in self.names[run], otherwise=f"{run} is {told}; {self.names[run]} was told")
            self.names[run] = [found.name]

    def _place(self, run: str) -> Path | None:
        folder = user_folder(self.home) / "runs"
        return next((p for p in [folder / run, *folder.glob(f".deleted/*/{run}")] if p.is_dir()), None)

    def _check_notes(self, _before: object, deeds: tuple[_Deed, _Deed], _answers: list[Answer]) -> None:
        kept = self._marks()
        both = len({(deed.do, str(deed.how.get("indices"))) for deed in deeds}) < 2 or all(
            deed.do in ("mark", "unmark") for deed in deeds
        )
        for index, notes in self.notes.items():
            lost = [note for note in notes if note not in kept.get(index, [])]
            if both and lost and any(deed.how.get("indices") == [int(index)] for deed in deeds):
                # Of one that marks and one that unmarks either may have been the later, who had seen the other's.
                lost = [note for note in lost if not any(deed.do == "unmark" for deed in deeds)]
            expect(that=not lost, otherwise=f"the notes {lost} on sample {index} are lost: {kept.get(index)}")
            self.notes[index] = kept.get(index, [])

    def _check_rest(self) -> None:
        for name, epochs in self.recipes.items():
            file = self.home / "config" / "digitpad" / "recipes" / f"{name}.toml"
            found = tomllib.loads(file.read_text(encoding="utf-8"))["training"]["epochs"] if file.is_file() else None
            expect(that=found == epochs, otherwise=f"the recipe {name} has {found} epochs; {epochs} were saved")
        file = self.home / "config" / "digitpad" / "digitpad.conf"
        store = configparser.RawConfigParser(interpolation=None)
        if self.settings and file.is_file():
            store.read(file, encoding="utf-8")
        for key, values in self.settings.items():
            found = store.get("General", key, fallback=None)
            expect(that=found in values, otherwise=f"the setting {key} is {found}, and {values} was set")
        self.settings = {}

"""The oracle: it chooses random actions for two windows, knows what must be saved, and checks the files."""

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
from tests.stress.digitpad_process import Answer, Window, check, user_folder

_GONE = -1


@dataclass(slots=True)
class _Action:
    """A command for one window, and the function that checks its answer."""

    do: str
    how: dict[str, Any]
    check_answer: Callable[[Answer, int], None]


@dataclass(slots=True)
class Oracle:
    """Chooses the actions of each round and knows what the files must hold afterwards."""

    home: Path
    rng: random.Random
    kept: dict[int, int] = field(default_factory=dict)  # digits by id, their label or _GONE
    wanted: dict[int, list[int]] = field(default_factory=dict)  # labels requested in this round
    runs: dict[str, list[int]] = field(default_factory=dict)  # measured epochs that were reported
    names: dict[str, list[str]] = field(default_factory=dict)
    deleted: dict[int, str] = field(default_factory=dict)  # by window, the run that it can restore
    notes: dict[str, list[str]] = field(default_factory=dict)  # on samples: every note that must still be there
    seen: list[dict[str, str]] = field(default_factory=lambda: [{}, {}])  # the notes that each window shows
    recipes: dict[str, int] = field(default_factory=dict)
    settings: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    aside: set[str] = field(default_factory=set)  # deleted runs, which are removed when the windows close
    number: int = 0
    are_closed: bool = False  # both windows

    @classmethod
    def of(cls, home: Path, rng: random.Random) -> "Oracle":
        """Start from the files that are there; both windows must show all marks."""
        oracle = cls(home, rng)
        file = user_folder(home) / "my-digits.sqlite3"
        if file.is_file():
            with MyDigits.open(file) as mine:
                oracle.kept = {digit.id: digit.label for digit in mine.all()}
        marks = oracle._marks()
        oracle.notes = dict(marks)
        oracle.seen = [{index: "; ".join(notes) for index, notes in marks.items()} for _ in range(2)]
        return oracle

    def _marks(self) -> dict[str, list[str]]:
        file = user_folder(self.home) / "label-marks.json"
        marks = json.loads(file.read_text(encoding="utf-8"))["marks"] if file.is_file() else []
        return {str(mark["index"]): mark["note"].split("; ") for mark in marks}

    @property
    def told(self) -> str:
        """How often each action was done."""
        return ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))

    def round(self, windows: tuple[Window, Window]) -> float:
        """Let both windows act at the same time, check the files, and return the seconds of the slower one."""
        first = self._random_action()
        # Half of the time both act on the same thing.
        second = self._competing_action(first) if self.rng.random() < 0.5 else self._random_action()
        self.wanted, self.settings = {}, {}
        before = {index: list(notes) for index, notes in self.notes.items()}
        for window, action in zip(windows, (first, second), strict=True):
            self.counts[action.do] += 1
            window.ask(action.do, **action.how)
        slowest = 0.0
        answers = [window.answer().check() for window in windows]
        for number, (answer, action) in enumerate(zip(answers, (first, second), strict=True)):
            action.check_answer(answer, number)
            slowest = max(slowest, answer.seconds)
        self._check_notes(before, (first, second), answers)
        self.check_all()
        return slowest

    def check_all(self) -> None:
        """Check all files against what was reported as saved."""
        self._check_digits()
        self._check_runs()
        self._check_rest()

    def _random_action(self) -> _Action:
        self.number += 1
        weights = {
            self._keep: 20, self._relabel: 16, self._delete: 10, self._restore: 8, self._train: 8, self._rename: 8,
            self._delete_run: 5, self._undo: 4, self._mark: 14, self._unmark: 4, self._set: 6, self._save: 6,
        }  # fmt: skip
        return self.rng.choices(list(weights), list(weights.values()))[0]()

    def _competing_action(self, action: _Action) -> _Action:
        """Return the same action on the same thing, with another value if it has one."""
        self.number += 1
        how = dict(action.how)
        if action.do == "keep":
            how["number"] = self.number
        if action.do == "relabel":
            how["labels"] = {number: (label + 1) % 10 for number, label in how["labels"].items()}
        for name in ("note", "name"):
            if name in how and action.do in ("mark", "rename"):
                how[name] = f"{how[name]} too"
        if action.do == "save_recipe":
            how["epochs"] += 1
        if action.do == "setting":
            how["value"] = type(how["value"])(how["value"] / 2)
        check_answer = {"keep": self._after_keep, "relabel": self._after_relabel, "mark": self._after_mark}
        makers: dict[str, Callable[[dict[str, Any]], Callable[[Answer, int], None]]] = {
            "save_recipe": self._after_save_recipe, "setting": self._after_setting, "rename": self._after_rename,
        }  # fmt: skip
        if action.do in check_answer:
            return _Action(action.do, how, self._with(check_answer[action.do], how))
        return _Action(action.do, how, makers[action.do](how) if action.do in makers else action.check_answer)

    def _with(
        self, check_answer: Callable[[Answer, int, dict[str, Any]], None], how: dict[str, Any]
    ) -> Callable[[Answer, int], None]:
        return lambda answer, number: check_answer(answer, number, how)

    def _action(self, do: str, check_answer: Callable[[Answer, int, dict[str, Any]], None], **how: Any) -> _Action:
        return _Action(do, how, self._with(check_answer, how))

    def _keep(self) -> _Action:
        return self._action("keep", self._after_keep, number=self.number, label=self.rng.randrange(10))

    def _after_keep(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        check(answer.result is not None, f"a digit was not kept: {answer.said}")
        check(answer.result not in self.kept, f"two digits have the id {answer.result}")
        self.kept[answer.result] = how["label"]

    def _random_digit(self, *, gone: bool) -> int | None:
        ids = [number for number, label in self.kept.items() if (label == _GONE) == gone]
        return self.rng.choice(ids) if ids else None

    def _relabel(self) -> _Action:
        if (number := self._random_digit(gone=False)) is None:
            return self._keep()
        return self._action("relabel", self._after_relabel, labels={str(number): self.rng.randrange(10)})

    def _after_relabel(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        check(answer.result is not None, f"a digit was not relabelled: {answer.said}")
        for number, label in how["labels"].items():
            if answer.result:
                self.wanted.setdefault(int(number), []).append(label)

    def _delete(self) -> _Action:
        if (number := self._random_digit(gone=False)) is None:
            return self._keep()
        return self._action("delete", self._after_delete, numbers=[number])

    def _after_delete(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        check(answer.result is not None, f"a digit was not deleted: {answer.said}")
        if answer.result:
            self.wanted.setdefault(how["numbers"][0], []).append(_GONE)

    def _restore(self) -> _Action:
        if (number := self._random_digit(gone=True)) is None:
            return self._delete()
        return self._action("restore", self._after_restore, numbers=[number])

    def _after_restore(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        if answer.result:
            self.wanted.setdefault(how["numbers"][0], []).append(-2)  # with any label

    def _train(self) -> _Action:
        return self._action("train", self._after_train, name="soak", epochs=2)

    def _after_train(self, answer: Answer, _number: int, how: dict[str, Any]) -> None:
        result = answer.result
        check(not result["problem"], f"a training failed: {result['problem']}")
        check(result["run"] not in self.runs, "two trainings have one folder")
        self.runs[result["run"]] = list(range(1, how["epochs"] + 1))
        self.names[result["run"]] = [how["name"]]

    def _rename(self) -> _Action:
        if not self.runs:
            return self._train()
        run = self.rng.choice(sorted(self.runs))
        how = {"run": run, "name": f"name {self.number}"}
        return _Action("rename", how, self._after_rename(how))

    def _after_rename(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        def check_answer(answer: Answer, _number: int) -> None:
            if answer.result:
                self.wanted.setdefault(hash(how["run"]), []).append(0)
                first = len(self.wanted[hash(how["run"])]) == 1
                self.names[how["run"]] = [*([] if first else self.names[how["run"]]), how["name"]]

        return check_answer

    def _delete_run(self) -> _Action:
        if not self.runs:
            return self._train()
        return self._action("delete_run", self._after_run_deletion, run=self.rng.choice(sorted(self.runs)))

    def _after_run_deletion(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        if answer.result and not (user_folder(self.home) / "runs" / how["run"]).exists():
            self.deleted[number] = how["run"]
            self.aside.add(how["run"])

    def _undo(self) -> _Action:
        return self._action("undo_delete", self._after_undo)

    def _after_undo(self, answer: Answer, number: int, _how: dict[str, Any]) -> None:
        run = self.deleted.pop(number, None)
        check(bool(answer.result), f"a deleted run did not come back: {run}, {answer.said}")

    def _mark(self) -> _Action:
        return self._action("mark", self._after_mark, indices=[self.rng.randrange(12)], note=f"note {self.number}")

    def _after_mark(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        index, shown = str(how["indices"][0]), self.seen[number]
        # A window may overwrite the notes that it has shown.
        known = [note for note in self.notes.get(index, []) if note in shown.get(index, "").split("; ")]
        self.notes[index] = [note for note in self.notes.get(index, []) if note not in known] + [how["note"]]
        self.seen[number] = answer.result

    def _unmark(self) -> _Action:
        return self._action("unmark", self._after_unmark, indices=[self.rng.randrange(12)])

    def _after_unmark(self, answer: Answer, number: int, how: dict[str, Any]) -> None:
        index = str(how["indices"][0])
        known = self.seen[number].get(index, "").split("; ")
        self.notes[index] = [note for note in self.notes.get(index, []) if note not in known]
        self.seen[number] = answer.result

    def _set(self) -> _Action:
        name = self.rng.choice(["threshold", "thumbnail_side"])
        how = {"name": name, "value": self.rng.randrange(2, 500) * 2 / (1 if name == "thumbnail_side" else 1000)}
        how["value"] = int(how["value"]) if name == "thumbnail_side" else how["value"]
        return _Action("setting", how, self._after_setting(how))

    def _after_setting(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        key = {"threshold": "threshold", "thumbnail_side": "thumbnails"}[how["name"]]
        return lambda _answer, _number: self.settings.setdefault(key, []).append(str(how["value"]))

    def _save(self) -> _Action:
        how = {"name": f"recipe {self.number % 40}", "epochs": self.number + 1}
        return _Action("save_recipe", how, self._after_save_recipe(how))

    def _after_save_recipe(self, how: dict[str, Any]) -> Callable[[Answer, int], None]:
        def check_answer(answer: Answer, _number: int) -> None:
            if answer.result.startswith("Saved to"):
                check(how["name"] not in self.recipes, f"{how['name']} was saved over, unasked")
                self.recipes[how["name"]] = how["epochs"]

        return check_answer

    def _check_digits(self) -> None:
        path = user_folder(self.home) / "my-digits.sqlite3"
        if not self.kept:
            return
        with MyDigits.open(path) as mine:
            check(not mine.problem, mine.problem)
            there = {digit.id: digit.label for digit in mine.all()}
        for number, before in list(self.kept.items()):
            wanted = self.wanted.get(number, [])
            found = there.get(number, _GONE)
            is_right = found in wanted or (not wanted and found == before) or (-2 in wanted and found != _GONE)
            check(is_right, f"digit {number} is {found}; it was {before}, and {wanted} was told")
            self.kept[number] = found
        check(set(there) <= set(self.kept), "My digits has digits that were not added")
        self.wanted = {}

    def _check_runs(self) -> None:
        for run, epochs in list(self.runs.items()):
            place = self._place(run)
            if place is None and run in self.aside and self.are_closed:
                del self.runs[run]
                continue
            check(place is not None, f"the run {run} is gone")
            assert place is not None
            if place.parent.name == "runs":
                self.aside.discard(run)
            found = read_run(place)
            told = f"{[row.epoch for row in found.rows]}, {found.info.outcome}, {found.name!r}"
            is_right = [row.epoch for row in found.rows] == epochs and found.info.outcome == "finished"
            check(is_right, f"the run {run} is {told}; {epochs} was told")
            check(found.name in self.names[run], f"{run} is {told}; {self.names[run]} was told")
            self.names[run] = [found.name]

    def _place(self, run: str) -> Path | None:
        folder = user_folder(self.home) / "runs"
        return next((p for p in [folder / run, *folder.glob(f".deleted/*/{run}")] if p.is_dir()), None)

    def _check_notes(self, _before: object, commands: tuple[_Action, _Action], _answers: list[Answer]) -> None:
        kept = self._marks()
        both = len({(action.do, str(action.how.get("indices"))) for action in commands}) < 2 or all(
            action.do in ("mark", "unmark") for action in commands
        )
        for index, notes in self.notes.items():
            lost = [note for note in notes if note not in kept.get(index, [])]
            if both and lost and any(action.how.get("indices") == [int(index)] for action in commands):
                # Of one that marks and one that unmarks either may have been the later, who had seen the other's.
                lost = [note for note in lost if not any(action.do == "unmark" for action in commands)]
            check(not lost, f"the notes {lost} on sample {index} are lost: {kept.get(index)}")
            self.notes[index] = kept.get(index, [])

    def _check_rest(self) -> None:
        for name, epochs in self.recipes.items():
            file = self.home / "config" / "digitpad" / "recipes" / f"{name}.toml"
            found = tomllib.loads(file.read_text(encoding="utf-8"))["training"]["epochs"] if file.is_file() else None
            check(found == epochs, f"the recipe {name} has {found} epochs; {epochs} were saved")
        file = self.home / "config" / "digitpad" / "digitpad.conf"
        store = configparser.RawConfigParser(interpolation=None)
        if self.settings and file.is_file():
            store.read(file, encoding="utf-8")
        for key, values in self.settings.items():
            found = store.get("General", key, fallback=None)
            check(found in values, f"the setting {key} is {found}, and {values} was set")
        self.settings = {}

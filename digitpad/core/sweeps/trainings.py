"""Training the runs of a sweep: one after the other, side by side in processes, or on a Dask cluster."""

import contextlib
import os
import queue
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from digitpad.core.errors import DigitpadError, printable, write_error
from digitpad.core.files.paths import data_folder, make_folder, user_folder, user_runs
from digitpad.core.runs.differences import unused_name
from digitpad.core.runs.run_folder import Run, read_run
from digitpad.core.runs.run_library import list_runs, names_in_use
from digitpad.core.runs.training_data import TrainingData, load_training_data
from digitpad.core.runs.training_job import JobEvent, RunClosed, RunOpened, TrainingJob, resume_job, run_job
from digitpad.core.runtime.processors import share_processors
from digitpad.core.sweeps.grid import Sweep, settings_key
from digitpad.core.sweeps.table import sweep_runs
from digitpad.core.training.recipes import Recipe

_STARTS = 3  # of the processes, if one of them is killed before any training has ended
_IDLE_SECONDS = 5.0  # before a process that waits for a training ends
_POLL = 0.1  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class TrainingDone:
    """One training of a sweep has ended: with a run, or with a problem, and then perhaps a run too."""

    job: TrainingJob
    run: Run | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a process reports: the folder of the run, if there is one, and a sentence if it failed."""

    folder: Path | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StillTraining:
    """Comes ten times a second while trainings run in processes, so that closing the generator stops them at once."""


_Item = tuple[int, Trained] | None  # the number of a job and its result; None while there is none
SweepEvent = JobEvent | TrainingDone | StillTraining


def missing_jobs(sweep: Sweep, runs: Collection[Run], *, data: Path | None = None) -> list[TrainingJob]:
    """Return the trainings that a sweep still needs: new ones, and those that were interrupted, to resume them."""
    by_settings: dict[str, list[Run]] = {}
    for run in sweep_runs(sweep.id, runs):
        by_settings.setdefault(settings_key(run.recipe), []).append(run)
    used, jobs = names_in_use(), []
    for recipe in sweep.recipes:
        known = by_settings.get(settings_key(recipe), [])
        if any(run.is_done for run in known):
            continue
        begun = next((run for run in reversed(known) if run.rows and run.can_resume), None)
        if begun is not None:
            jobs.append(resume_job(begun, data=data))
            continue
        name = unused_name(sweep.name_of(recipe), used)
        used.add(name)
        jobs.append(TrainingJob(recipe, sweep.recipe_name, name, data=data, sweep=sweep.id))
    return jobs


def run_sweep(
    sweep: Sweep, *, data: Path | None = None, jobs: int = 1, cluster: str = ""
) -> Generator[SweepEvent, None, None]:
    """Train what a sweep still needs, and yield a `TrainingDone` for each training as soon as it has ended.

    With one job at a time, the events of each training are yielded too; otherwise `StillTraining`. A training that
    fails does not end the others.
    Closing the generator stops; what is done is kept, and a later call goes on with the rest.

    Parameters
    ----------
    sweep
        What to train.
    data
        The data folder.
    jobs
        How many trainings run at the same time on this machine, each in a process with its share of the processors.
    cluster
        The address of a Dask scheduler, "tcp://host:8786", to train on its workers instead.

    Raises
    ------
    DigitpadError
        If the sweep is being trained by another process, the data is missing, or the cluster cannot be used.

    """
    with _sweep_lock(sweep):
        missing = missing_jobs(sweep, list_runs(), data=data)
        _check_data(missing)
        if not missing:
            return
        if cluster:
            try:
                from digitpad.core.sweeps.cluster import train_on_cluster
            except ImportError as error:
                raise DigitpadError(
                    "training on a cluster needs the package distributed: install it",
                    hint="pip install 'digitpad[cluster]'",
                ) from error
            yield from train_on_cluster([replace(job, resumed=None) for job in missing], cluster)
        elif jobs == 1 or len(missing) == 1:
            for job in missing:
                yield from _train(job)
        else:
            yield from _train_in_processes(missing, min(jobs, len(missing)))


def _train(job: TrainingJob) -> Generator[SweepEvent, None, None]:
    """Train in this process."""
    run, problem = None, ""
    try:
        with contextlib.closing(run_job(job)) as events:
            for event in events:
                if isinstance(event, RunOpened | RunClosed):
                    run = event.run
                yield event
    except DigitpadError as error:
        problem, run = str(error), _kept(run.folder) if run else None
    yield TrainingDone(job, run, problem)


def _kept(folder: Path | None) -> Run | None:
    """Read the run of a training that has ended; None if there is none."""
    if folder is not None:
        with contextlib.suppress(DigitpadError):
            return read_run(folder)
    return None


def _train_in_processes(missing: list[TrainingJob], jobs: int) -> Iterator[TrainingDone | StillTraining]:
    """Train side by side; if a process is killed, the trainings that it lost go on from their last epoch."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left = dict(enumerate(missing))
    for attempt in count(1):
        before = len(left)
        try:
            with contextlib.closing(_results_in_processes(dict(left), jobs)) as results:
                for result in results:
                    if result is None:
                        yield StillTraining()
                    else:
                        key, trained = result
                        yield TrainingDone(left.pop(key), _kept(trained.folder), trained.problem)
        except BrokenProcessPool as error:
            if len(left) == before and attempt >= _STARTS:
                raise DigitpadError(
                    "the processes that train were ended by the system, perhaps because there is not enough memory: "
                    "train fewer at a time",
                    hint="--jobs 1",
                ) from error
            left = {key: _resumed(job) for key, job in left.items()}
        else:
            return


def _results_in_processes(left: Mapping[int, TrainingJob], jobs: int) -> Generator[_Item, None, None]:
    """Yield the results as they come, and None while none comes; closing it stops the trainings after a step."""
    items: queue.Queue[_Item | BaseException | Literal["end"]] = queue.Queue()
    with tempfile.TemporaryDirectory(prefix="digitpad-") as place:
        # The processes train while this lock is held: the system releases it too, if this process is killed.
        lock = FileLock(Path(place) / "lock", thread_local=False)
        lock.acquire()
        thread = threading.Thread(target=_put_results, args=(left, jobs, Path(lock.lock_file), items), daemon=True)
        thread.start()
        try:
            while True:
                try:
                    item = items.get(timeout=_POLL)
                except queue.Empty:
                    yield None
                    continue
                if item == "end":
                    return
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            lock.release()
            thread.join()


def _put_results(left: Mapping[int, TrainingJob], jobs: int, lock: Path, items: "queue.Queue[Any]") -> None:
    from multiprocessing import resource_tracker

    from joblib import delayed

    tasks = [delayed(_train_here)(key, job, jobs, lock, os.getpid()) for key, job in left.items()]
    # A terminal sends Ctrl+C to every process, but this one ends the others. They ignore it, and until then this
    # thread's mask, which they inherit, blocks it.
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # it would remove the block when it starts
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    ignore: dict[str, Any] = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    try:
        with results_of(tasks, n_jobs=jobs, backend="loky", idle_worker_timeout=_IDLE_SECONDS, **ignore) as results:
            for result in results:
                items.put(result)
    except BaseException as error:
        items.put(error)
    else:
        items.put("end")


@contextlib.contextmanager
def results_of(tasks: list[Any], **options: Any) -> Iterator[Iterator[Any]]:  # noqa: ANN401 - of joblib.Parallel
    """Return the results of joblib's tasks as they come; at the end cancel the others, without joblib's warning."""
    from joblib import Parallel

    how: dict[str, Any] = {"batch_size": 1, "pre_dispatch": "all", "return_as": "generator_unordered", **options}
    results: Any = Parallel(**how)(tasks)
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def _resumed(job: TrainingJob) -> TrainingJob:
    """Return the job that goes on with the run of a killed process, or the same one if that had saved no epoch."""
    mine = [run for run in sweep_runs(job.sweep, list_runs()) if run.name == job.name] if job.sweep else []
    begun = next((run for run in mine if run.rows and run.can_resume), None)
    return resume_job(begun, data=job.data) if begun else job


def _train_here(key: int, job: TrainingJob, processes: int, lock: Path, parent: int) -> tuple[int, Trained]:
    """Train a run among the user's runs; called in one of so many processes that `parent` started."""
    share_processors(processes)
    trained = train_quietly(job, lock=lock)
    if os.name != "nt" and os.getppid() != parent:
        os._exit(1)  # it was killed: nobody waits for the result, but loky would wait half a minute for an answer
    return key, trained


def train_quietly(job: TrainingJob, data: TrainingData | None = None, *, lock: Path | None = None) -> Trained:
    """Train to the end, and return the run's folder or why it failed; `data` is as in `run_job`.

    As soon as no process holds the lock file `lock`, the training ends as one that was interrupted.
    """
    folder = None
    if lock is not None and _is_free(lock):
        return Trained(None)
    checked = time.monotonic()
    try:
        with contextlib.closing(run_job(job, data)) as events:
            for event in events:
                if isinstance(event, RunOpened | RunClosed):
                    folder = event.run.folder
                if lock is not None and time.monotonic() - checked > _POLL:
                    if _is_free(lock):
                        break
                    checked = time.monotonic()
    except DigitpadError as error:
        return Trained(folder, str(error))
    except Exception as error:  # an unexpected one must not end the other trainings
        return Trained(folder, printable(f"{type(error).__name__}: {error}"))
    return Trained(folder)


def _is_free(lock: Path) -> bool:
    """Return whether no process holds a lock file."""
    try:
        with FileLock(lock).acquire(timeout=0):
            return True
    except Timeout:
        return False


def _check_data(jobs: list[TrainingJob]) -> None:
    """Raise DigitpadError before anything is trained if data is missing."""
    seen: set[tuple[object, ...]] = set()
    for job in jobs:
        if (key := data_key(job.recipe)) not in seen:
            seen.add(key)
            load_training_data(job.recipe, data_folder(job.data))


def data_key(recipe: Recipe) -> tuple[object, ...]:
    """Return what decides which data a recipe is trained on."""
    return recipe.dataset, recipe.train_first, recipe.test_first, recipe.leave_out_suspects


@contextlib.contextmanager
def _sweep_lock(sweep: Sweep) -> Iterator[None]:
    """Keep others from training the same sweep."""
    path = user_folder() / "sweeps" / f"{sweep.id}.lock"
    lock = FileLock(path)
    try:
        make_folder(path.parent)
        make_folder(user_runs())
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DigitpadError("the sweep “{sweep}” is being trained already: wait for its end", sweep=sweep.id) from error
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield
    finally:
        lock.release()

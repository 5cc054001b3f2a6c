"""Trainings on the workers of a Dask scheduler; their runs come home as bytes.

Imported only for a sweep on a cluster: distributed is an optional package.
"""

import contextlib
import logging
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Client, KilledWorker, WorkerPlugin, get_worker
from joblib import delayed, parallel_config

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.runs.training_data import TrainingData, load_training_data
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.runtime.libraries import library_versions
from digitpad.core.runtime.processors import share_processors
from digitpad.core.sweeps.trainings import TrainingDone, data_key, results_of, train_quietly
from digitpad.core.sweeps.transfer import PackedRun, pack_run, unpack_run

_CONNECT_SECONDS, _WORKER_SECONDS = 10, 30
# A worker may have several threads, but torch's random numbers and its number of threads belong to the process.
_TRAINING = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Result:
    """What a worker returns: the number of the job, its run, and a sentence if it failed."""

    key: int
    packed: PackedRun | None
    problem: str


class _DataPlugin(WorkerPlugin):
    """Gives every worker the data once, also those that start later, for example in place of one that was lost."""

    def __init__(self, name: str, data: Mapping[int, TrainingData]) -> None:
        self.name, self.data = name, data


def train_on_cluster(jobs: Sequence[TrainingJob], address: str) -> Iterator[TrainingDone]:
    """Train on the workers of the scheduler at `address`, and yield each training when its run is here.

    The data is sent to each worker once. A lost worker's training starts again on another one.

    Raise DigitpadError if the scheduler does not answer, it has no workers, they have another version of digitpad, or
    workers are lost again and again.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a lost connection is reported by our own sentence
    with _connected(address) as client:
        sharing = Counter(map(_host, _check_workers(client, address)))
        plugin, numbers = _plugin_of(jobs)
        client.register_plugin(plugin)
        try:
            with parallel_config(backend="dask", client=client, wait_for_workers_timeout=_WORKER_SECONDS):
                tasks = [
                    delayed(_train_away)(key, job, plugin.name, number, sharing)
                    for key, (job, number) in enumerate(zip(jobs, numbers, strict=True))
                ]
                with results_of(tasks) as results:
                    for result in results:
                        yield _bring_home(result, jobs[result.key])
        except KilledWorker as error:
            raise DigitpadError(
                "several workers were lost during the same training, perhaps because they have not enough memory: what "
                "is done is kept, run the sweep again with fewer workers on each machine"
            ) from error
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                client.unregister_worker_plugin(plugin.name)


def _plugin_of(jobs: Sequence[TrainingJob]) -> tuple[_DataPlugin, list[int]]:
    """Load the data of all jobs, each once; return the number of each job's data too."""
    keys: dict[tuple[object, ...], int] = {}
    data: dict[int, TrainingData] = {}
    numbers = []
    for job in jobs:
        number = keys.setdefault(data_key(job.recipe), len(keys))
        if number not in data:
            data[number] = load_training_data(job.recipe, data_folder(job.data))
        numbers.append(number)
    return _DataPlugin(f"digitpad-data-{uuid4().hex}", data), numbers


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise DigitpadError(
            "no Dask scheduler answers at {address}: check the address, and that it runs",
            address=address,
            hint="dask scheduler",
        ) from error
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=_CONNECT_SECONDS)


def _check_workers(client: Client, address: str) -> list[str]:
    """Return the addresses of the workers.

    Raise DigitpadError if there is none, or one has another version of digitpad or torch.
    """
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        raise DigitpadError(
            "the Dask scheduler at {address} has no workers: start one on each machine",
            address=address,
            hint=f"dask worker {address} --nworkers 1 --nthreads 1",
        ) from error
    here = library_versions()
    try:
        found: Any = client.run(library_versions, on_error="return")
    except (OSError, ImportError) as error:
        raise _without_digitpad(address) from error
    for worker, versions in found.items():
        if not isinstance(versions, dict):
            raise _without_digitpad(str(worker))
        for name in ("digitpad", "torch", "numpy"):
            if versions.get(name) != here[name]:
                raise DigitpadError(
                    "the worker {worker} has {name} {there}, and this machine {here}: install the same version, or the "
                    "figures would differ",
                    worker=worker,
                    name=name,
                    there=versions.get(name),
                    here=here[name],
                )
    return list(found)


def _host(worker: str) -> str:
    """Return the machine in a worker's address, "tcp://10.0.0.2:34567"."""
    return worker.rpartition("/")[2].rpartition(":")[0]


def _without_digitpad(worker: str) -> DigitpadError:
    return DigitpadError(
        "the worker {worker} cannot load digitpad: install the same version there, and start the worker from that "
        "environment",
        worker=worker,
    )


def _train_away(key: int, job: TrainingJob, plugin: str, number: int, sharing: Mapping[str, int]) -> _Result:
    """Train into a temporary folder; called on a worker. `sharing` has the number of workers on each machine."""
    found: Any = get_worker().plugins[plugin]
    with _TRAINING, tempfile.TemporaryDirectory(prefix="digitpad-", ignore_cleanup_errors=True) as folder:
        share_processors(sharing.get(_host(get_worker().address), 1))
        trained = train_quietly(replace(job, runs=Path(folder)), found.data[number])
        has_run = trained.folder is not None and trained.folder.is_dir()
        return _Result(key, pack_run(trained.folder) if has_run and trained.folder else None, trained.problem)


def _bring_home(result: _Result, job: TrainingJob) -> TrainingDone:
    if result.packed is None:
        return TrainingDone(job, None, result.problem)
    try:
        run = unpack_run(result.packed, job, data_folder(job.data))
    except DigitpadError as error:
        return TrainingDone(job, None, result.problem or str(error))
    return TrainingDone(job, run, result.problem)

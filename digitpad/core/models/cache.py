"""A cache of loaded models."""

import threading
from pathlib import Path

from digitpad.core.models.model_files import LoadedModel, load_model

# More than anyone compares at a time; the largest shipped model takes 2 MB.
_MAX_MODELS = 16

_Stamp = tuple[int, int]


class ModelCache:
    """Load a model file when it is first needed, and again when its time or size has changed.

    Thread-safe. Beyond `max_models` the least recently used model is dropped. With `of_digits`, models of two classes
    are refused.
    """

    def __init__(self, max_models: int = _MAX_MODELS, *, of_digits: bool = True) -> None:
        self._max_models, self._of_digits = max_models, of_digits
        self._lock = threading.Lock()
        self._loaded: dict[Path, tuple[_Stamp, LoadedModel]] = {}  # the most recently used is the last

    def get(self, source: Path | LoadedModel) -> LoadedModel:
        """Return the model of a file; return a model in memory unchanged.

        Raise DigitpadError if the file cannot be used, see `load_model`. The next call tries again.
        """
        if isinstance(source, LoadedModel):
            return source
        # The lock is held while loading, so that two threads do not load the same file.
        with self._lock:
            known, stamp = self._loaded.pop(source, None), _stamp(source)
            # The stamp is taken before reading, so that a file replaced in between is read again the next time.
            model = known[1] if known and known[0] == stamp else load_model(source, of_digits=self._of_digits)
            if stamp:
                self._loaded[source] = (stamp, model)
            while len(self._loaded) > self._max_models:
                del self._loaded[next(iter(self._loaded))]
        return model


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None  # loading reports the error
    return status.st_mtime_ns, status.st_size

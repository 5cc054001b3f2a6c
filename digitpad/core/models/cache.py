"""Models that have been loaded, kept until their files change."""

import threading
from pathlib import Path

from digitpad.core.models.model_files import LoadedModel, load_model

# Enough for all the models that one person compares; the largest shipped one takes 2 MB.
_MOST = 16

_Stamp = tuple[int, int]


class ModelCache:
    """Loads a model file when it is first asked for, and again when its time or size has changed.

    Any thread may ask. Of more than `most` models the one not asked for the longest is let go.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._loaded: dict[Path, tuple[_Stamp, LoadedModel]] = {}  # the latest asked for last

    def get(self, source: Path | LoadedModel) -> LoadedModel:
        """Return the model of a file; a model in memory is returned as it is.

        Raises
        ------
        DigitpadError
            Where the file cannot be used, see `load_model`. It is tried again next time.

        """
        if isinstance(source, LoadedModel):
            return source
        # Held while loading too: who asks for the same file meanwhile would only load it twice.
        with self._lock:
            known, stamp = self._loaded.pop(source, None), _stamp(source)
            # The stamp is older than the content: a file replaced in between is read again, never missed.
            model = known[1] if known and known[0] == stamp else load_model(source)
            if stamp:
                self._loaded[source] = (stamp, model)
            while len(self._loaded) > self._most:
                del self._loaded[next(iter(self._loaded))]
        return model


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None  # loading says what is wrong
    return status.st_mtime_ns, status.st_size

"""Reads from a server in a thread, so that whoever waits for the bytes can give up at any moment."""

import queue
import threading
from collections.abc import Callable, Generator
from http.client import HTTPResponse

_POLL = 0.1  # seconds
_CHUNK = 1 << 16
_MAX_WAITING = 16  # chunks; the reader waits when nobody takes them


_Item = tuple[HTTPResponse, bytes] | Exception | None  # None is the end


def received(
    open_response: Callable[[], HTTPResponse],
) -> Generator[tuple[HTTPResponse | None, bytes], None, None]:
    """Open a response and read it in a thread; yield the response, None until it is there, and the next bytes.

    Finding a host, connecting and reading can block for many seconds. During that time b"" is yielded ten times a
    second. Closing this generator returns at once; the thread then ends by itself. It is a daemon: the program does not
    wait for it.

    Raises what opening or reading raised.
    """
    items: queue.Queue[_Item] = queue.Queue(_MAX_WAITING)
    is_closed = threading.Event()
    threading.Thread(target=_read, args=(open_response, items, is_closed), daemon=True).start()
    response: HTTPResponse | None = None
    try:
        while True:
            try:
                item = items.get(timeout=_POLL)
            except queue.Empty:
                yield response, b""
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                try:
                    raise item
                finally:
                    del item  # a cycle of the exception and this frame would keep the socket open
            response, chunk = item
            yield response, chunk
    finally:
        is_closed.set()


def _read(open_response: Callable[[], HTTPResponse], items: "queue.Queue[_Item]", is_closed: threading.Event) -> None:
    try:
        with open_response() as response:
            while chunk := response.read1(_CHUNK):  # `read` would wait for the whole chunk
                if not _put(items, (response, chunk), is_closed):
                    return
        _put(items, None, is_closed)
    except Exception as error:
        # Its traceback would keep the socket open.
        _put(items, error.with_traceback(None), is_closed)


def _put(items: "queue.Queue[_Item]", item: _Item, is_closed: threading.Event) -> bool:
    """Put an item into the queue; return False if nobody takes it any more."""
    while not is_closed.is_set():
        try:
            items.put(item, timeout=_POLL)
        except queue.Full:
            continue
        return True
    return False

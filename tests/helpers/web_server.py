"""A web server of our own on this machine, which behaves as badly as it is told to."""

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Server(HTTPServer):
    """Answers 503 a few times, then with the files it has."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.failures = 0
        self.requested: list[str] = []
        self.redirects: dict[str, str] = {}  # where it sends whoever asks for a file
        self.silence = threading.Event()  # until this is set, it listens and says nothing
        self.silence.set()
        self._scheme = "http"

    @property
    def mirror(self) -> str:
        """Its address, to put a file's name behind."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}/"

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak https from now on."""
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self._scheme = "https"

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet of clients that end it."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        name = self.path.removeprefix("/")
        server.requested.append(name)
        server.silence.wait(10)
        if len(server.requested) <= server.failures:
            self.send_error(503)
        elif name in server.redirects:
            self.send_response(302)
            self.send_header("Location", server.redirects[name])
            self.end_headers()
        elif name not in server.files:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(server.files[name])))
            self.end_headers()
            try:
                self.wfile.write(server.files[name])
            except ConnectionError:
                self.close_connection = True  # whoever cancels does not listen to the end

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""A web server on this machine that misbehaves on request."""

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Server(HTTPServer):
    """Answers 503 `failures` times, then with its files."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.failures = 0
        self.requested: list[str] = []
        self.redirects: dict[str, str] = {}  # name of a file → address to redirect to
        self.silence = threading.Event()  # until this is set, it accepts connections and does not answer
        self.silence.set()
        self._scheme = "http"

    @property
    def mirror(self) -> str:
        """Its address; append the name of a file."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}/"

    def secure(self, context: ssl.SSLContext) -> None:
        """Use https from now on."""
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self._scheme = "https"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection."""


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
                self.close_connection = True  # a client that cancels closes the connection early

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@contextmanager
def run_server() -> Iterator[Server]:
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

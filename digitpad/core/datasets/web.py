"""Open web addresses safely: certificates are verified, and few redirects are followed."""

import http.client
import ssl
import urllib.request
from collections.abc import Callable, Sequence
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit


def open_address(
    address: str, timeout: float, may_follow: Callable[[str], bool], headers: Sequence[tuple[str, str]] | None = None
) -> http.client.HTTPResponse:
    """Open a web address.

    Parameters
    ----------
    address
        An address of http or https.
    timeout
        How long to wait for a byte, seconds.
    may_follow
        Whether a redirect to an address is allowed; at most three are followed. From https only https is allowed.
    headers
        Sent in place of Python's own.

    Raises what urllib raises, and URLError for a redirect that is not allowed.

    """
    handler = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(handler, _Redirects(may_follow))
    if headers is not None:
        opener.addheaders = list(headers)
    return opener.open(address, timeout=timeout)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 3

    def __init__(self, may_follow: Callable[[str], bool]) -> None:
        self._may_follow = may_follow

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        loses_encryption = req.type == "https" and urlsplit(newurl).scheme != "https"
        if loses_encryption or not self._may_follow(newurl):
            fp.close()
            raise URLError(f"redirect to {urlsplit(newurl).hostname}, which is not allowed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

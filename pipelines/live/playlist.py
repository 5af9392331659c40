"""What an HLS playlist over TLS names is fetched here: FFmpeg would check the playlist's server alone.

In: the name of an address and its `Trust`, which checks. Out: an opener for `av.open(io_open=…)`; every playlist and
segment over TLS is fetched under the same trust, redirects included.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
import requests.adapters
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from detector.types import SourceError
from pipelines.live.trust import Trust, UntrustedError, authorities

PATIENCE_S = 5.0
UNAUTHORIZED, FORBIDDEN = 401, 403

Open = Callable[[str, int, dict[str, str]], Any]


class RefusedError(SourceError):
    """The server refuses user or password."""


def opener(shown: str, trust: Trust) -> Open:
    """Fetches what FFmpeg asks for; raises `RefusedError`, `UntrustedError`, `SourceError` through it."""
    session = requests.Session()
    # Neither proxies nor passwords of this account's environment have a part in a camera's stream.
    session.trust_env = False
    session.verify = False if trust.fingerprint else str(authorities(trust))
    # What comes is handed on as it comes, so it must not be packed.
    session.headers["Accept-Encoding"] = "identity"
    session.mount("https://", _Pinning(trust.fingerprint))

    def open_one(url: str, _flags: int, _options: dict[str, str]) -> Any:
        try:
            return _body(session, url, shown)
        except requests.exceptions.SSLError as error:
            raise UntrustedError(
                f"{shown}: the certificate of a server that the playlist names is not trusted;"
                " see `tls` and `insecure`",
                code="playlist_untrusted",
            ) from error
        except requests.RequestException as error:
            told = type(error).__name__
            raise SourceError(f"{shown}: cannot be fetched ({told})", code="unreachable", why=told) from None

    return open_one


class _Pinning(requests.adapters.HTTPAdapter):
    """Takes a server whose certificate has the fingerprint; any adapter otherwise."""

    def __init__(self, fingerprint: str | None) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        pinned = {"assert_fingerprint": self._fingerprint} if self._fingerprint else {}
        super().init_poolmanager(connections, maxsize, block, **options, **pinned)


def _body(session: requests.Session, url: str, shown: str) -> Any:
    parts = urlsplit(url)
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    answer = session.get(plain, stream=True, timeout=PATIENCE_S)
    if answer.status_code == UNAUTHORIZED and parts.username is not None:
        answer.close()
        answer = session.get(plain, stream=True, timeout=PATIENCE_S, auth=_auth(answer, parts.username, parts.password))
    if answer.status_code in (UNAUTHORIZED, FORBIDDEN):
        raise RefusedError(shown)
    with suppress(requests.HTTPError):
        answer.raise_for_status()
        return answer.raw
    told = f"HTTP {answer.status_code}"
    raise SourceError(f"{shown}: cannot be fetched ({told})", code="unreachable", why=told)


def _auth(refused: requests.Response, user: str, password: str | None) -> AuthBase:
    ways = refused.headers.get("WWW-Authenticate", "").lower()
    kind = HTTPDigestAuth if "digest" in ways else HTTPBasicAuth
    return kind(unquote(user), unquote(password or ""))

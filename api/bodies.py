"""Nobody fills memory or disk: a body is refused before it is read when it is larger than its address takes.

The framework reads a body before it asks who sends it, so that a stranger's gigabyte would lie in memory before the
refusal. Strangers' forms must state a length; everywhere else a body without one is refused, and one sent in chunks.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import answer

ANONYMOUS = ("/phan-anh", "/tra-cuu", "/api/public/")
UPLOADS = ("/phan-anh", "/api/public/v1/reports")
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SMALL_BYTES = 64 << 10
MOST_BYTES = 1 << 20
"""Of any request of the API but those below: a drawing with a long note takes a tenth of it."""
LARGE_BYTES = 21 << 20
LARGE = re.compile(r"/api/v1/(scenes/[^/]+/versions|cases/[^/]+/documents/[^/]+/signed)")
"""A drawing with its reference picture, a signed paper."""


class BodyLimitMiddleware:
    """Passes a request on only when the stated length of its body lies within what the address takes."""

    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self.app, self.upload_bytes = app, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 411 or 413."""
        if scope["type"] == "http" and scope["method"] in WITH_BODY:
            headers = {name.lower(): value for name, value in scope["headers"]}
            length = headers.get(b"content-length", b"")
            needed = scope["method"] == "POST" and scope["path"].startswith(ANONYMOUS)
            vague = b"transfer-encoding" in headers  # which of two lengths holds, servers read differently
            if vague or (not length.isdigit() and (needed or length)):
                refusal = answer(411, "length_needed", "state the length of the body (Content-Length)")
                return await refusal(scope, receive, send)
            most = self._most(scope["path"], known=b"cookie" in headers or b"authorization" in headers)
            if len(length) > 12 or int(length or 0) > most:
                refusal = answer(413, "too_large", f"quá lớn / too large: at most {most >> 10} KB in all")
                return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)

    def _most(self, path: str, *, known: bool) -> int:
        """What an address takes; `known`: the request bears a login, good or not."""
        if path in UPLOADS:
            return self.upload_bytes
        if path.startswith(ANONYMOUS) or not known:
            return SMALL_BYTES
        return LARGE_BYTES if LARGE.fullmatch(path) else MOST_BYTES

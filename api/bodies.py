"""No anonymous caller fills the disk: bodies sent without a login are refused before they are read when too large."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import answer

ANONYMOUS = ("/phan-anh", "/tra-cuu", "/api/public/")
SMALL_BYTES = 64 << 10


class BodyLimitMiddleware:
    """For anonymous addresses a length must be stated, and lie within what the address takes."""

    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self.app, self.upload_bytes = app, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 411 or 413."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(ANONYMOUS):
            headers = {name.lower(): value for name, value in scope["headers"]}
            length = headers.get(b"content-length", b"")
            uploads = scope["path"] in ("/phan-anh", "/api/public/v1/reports")
            most = self.upload_bytes if uploads else SMALL_BYTES
            if not length.isdigit():
                refusal = answer(411, "length_needed", "state the length of the body (Content-Length)")
                return await refusal(scope, receive, send)
            if int(length) > most:
                refusal = answer(413, "too_large", f"quá lớn / too large: at most {most >> 10} KB in all")
                return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)

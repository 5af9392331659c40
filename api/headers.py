"""Security headers on every answer: nothing runs or loads but our own files, nothing frames us."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def page_policy(nonce: str | None = None, pictures_from: str | None = None) -> str:
    """What a page may load and run: our own files, pictures it fetched itself, and styles that carry its nonce.

    `pictures_from` is the one other place pictures may come from: the server of map tiles, where one is set.
    """
    style = f"style-src 'self' 'nonce-{nonce}'" if nonce else "style-src 'self'"
    more = f" {pictures_from}" if pictures_from else ""
    return (
        f"default-src 'none'; script-src 'self'; {style}; img-src 'self' blob:{more}; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


PAGE_POLICY = page_policy()
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeadersMiddleware:
    """Adds the headers; data under `/api` is sandboxed and never kept by a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete its answer's headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        data = scope["path"].startswith("/api/")

        async def completing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", DATA_POLICY if data else PAGE_POLICY)
                headers.setdefault("Cache-Control", "no-store" if data else "no-cache")
            await send(message)

        await self.app(scope, receive, completing)

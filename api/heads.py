"""HEAD wherever GET is answered: load balancers and monitors ask so (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Asks the application with GET and keeps the body back; under `/api/v1` methods are the routes' own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and of its answer status and headers alone."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith("/api/v1"):
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)

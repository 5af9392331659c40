"""Counters for Prometheus, one registry per server so that several may live in one process."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Metrics:
    """What is counted; names end in their unit."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "phatnguoi_http_requests", "Answered requests", ["method", "route", "status"], registry=self.registry
        )
        self.latency_s = Histogram(
            "phatnguoi_http_request_seconds",
            "Time to the end of the answer",
            ["method", "route"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.decisions = Counter("phatnguoi_decisions", "Decisions taken", ["action"], registry=self.registry)
        self.refused_logins = Counter("phatnguoi_refused_logins", "Refused logins", registry=self.registry)
        self.cases = Gauge("phatnguoi_cases", "Cases by state", ["state"], registry=self.registry)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)


class MetricsMiddleware:
    """Counts every request under its route's template, so that ids do not make new series."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its status and time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        begun_s = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "DELETE") else "other"
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.latency_s.labels(method, route).observe(time.perf_counter() - begun_s)

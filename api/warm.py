"""What the first request would else wait for, done before the server says where it is.

FastAPI puts its routes together when a path is first looked for (a quarter of a second for all of ours), and the
database's first connection and first queries are made then. In: an application. Out: the same, ready. A table that
is locked for long does not keep the server from starting: whoever asks for it is told.
"""

from contextlib import suppress

from fastapi import FastAPI

from api.context import Context
from cases.actor import SYSTEM, Actor
from cases.lifecycle import REVIEWING
from cases.queue import Filter, list_cases
from cases.roles import Role
from detector.types import CaseError

NOWHERE = {"type": "http", "method": "GET", "path": "/api/v1/-", "root_path": "", "headers": [], "query_string": b""}
"""An address that is compared with every route's."""


def warm(app: FastAPI) -> None:
    """Put the routes together and read one page of the queue, if it can be read."""
    context: Context = app.state.context
    for route in app.routes:
        route.matches({**NOWHERE, "app": app})
    open_ones = Filter(states=tuple(sorted(REVIEWING)))
    with suppress(CaseError):
        list_cases(context.sessions, actor=Actor(name=SYSTEM, role=Role.AUDITOR), where=open_ones)

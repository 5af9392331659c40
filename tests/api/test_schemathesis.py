"""Schemathesis asks every operation of the OpenAPI document strange things; no answer may be outside the document."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.schemas import APIOperation

from cases.accounts import add_user
from cases.evidence import FolderStore
from cases.logins import create_token
from tests.api.media import items
from tests.api.server import Server
from tests.cases.builders import opened

EXAMPLES = int(os.environ.get("PHATNGUOI_STRANGE", "4"))
"""How many requests of each operation; `PHATNGUOI_STRANGE=100` for the long run."""
REFUSALS = ["401", "403", "404", "409", "413", "422", "428", "429", "502", "503"]
FILES = "/api/v1/cases/{case_id}/evidence/{name}"


def _expected(*more: str) -> dict[str, Any]:
    return {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *REFUSALS, *more]}}


MEANT = schemathesis.Config.from_dict(
    {"checks": _expected(), "operations": [{"include-path": FILES, "checks": _expected("400", "416")}]}
)
"""Reasons, notes, days and drawings are judged by their meaning too, which no schema tells, and refused with 422;
ranges of a file likewise, with 400 and 416.
"""
ADMINISTRATION = ("/api/v1/users", "/api/v1/law/changes")
STRANGE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    found = {}
    for name, role in (("fuzz-chief", "commander"), ("fuzz-root", "administrator")):
        add_user(server.context.sessions, name=name, password=None, role=role, subject=name)
        found[role] = create_token(server.context.sessions, name=name, days=1).secret
    return found


def describe(error: BaseException) -> str:
    """The failures of a group, one line each."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(inner) for inner in error.exceptions)
    return f"{type(error).__name__} {error}".replace("\n", " ")[:400]


def strange_requests(operation: APIOperation, *, headers: dict[str, str], case_id: str) -> int:
    """Send strange requests to one operation, every second one about a case that exists; how many were sent.

    Raises:
        Exception: an answer is outside the document, or a 5xx; the text says which request brings it about.
    """
    asked = 0

    @STRANGE
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        nonlocal asked
        asked += 1
        if "case_id" in case.path_parameters and asked % 2:
            case.path_parameters["case_id"] = case_id
        case._has_explicit_auth = True  # else `ignored_auth` takes our token for one it made up itself
        case.call_and_validate(headers=headers)

    ask()
    return asked


@schemathesis.serializer("application/pdf")
def pdf(_context: object, value: object) -> object:
    """Bodies that are files go out as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


def test_every_operation_answers_as_documented(
    server: Server, tokens: dict[str, str], numbers: Callable[[], int]
) -> None:
    store = server.context.store
    assert isinstance(store, FolderStore)
    case_id = opened(server.context.database, store, numbers(), items=items()).case_id
    document = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json", config=MEANT).include(
        path_regex="^/api/v1/"
    )
    asked, faults = 0, []
    for found in document.get_all_operations():
        operation = found.ok()
        if (operation.method, operation.path) == ("delete", "/api/v1/session"):  # ends the login all others use
            continue
        role = "administrator" if operation.path.startswith(ADMINISTRATION) else "commander"
        try:
            asked += strange_requests(operation, headers={"Authorization": f"Bearer {tokens[role]}"}, case_id=case_id)
        except (Exception, BaseExceptionGroup) as error:
            faults.append(f"{operation.method.upper()} {operation.path}: {describe(error)}")
    assert faults == [], "\n\n".join(faults)
    assert asked > 100

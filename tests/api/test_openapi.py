"""The API's own description, vocabulary, health and counters."""

from collections.abc import Callable

import httpx
import pytest

from api.catalogue import catalogue
from cases.lifecycle import MOVES, REASONS, Role, State
from cases.policy import SECOND_DOUBTS
from cases.records import Case
from cases.wording import DOUBT_WORDS
from detector.rules.reasons import REASONS as RULE_DOUBTS
from detector.types import ClockGrade, ObjectClass, ViolationKind
from tests.api.server import Server
from tests.api.test_rights import PUBLIC

FILE_SERVERS = {"400", "416"}
"""What the file server itself answers to a Range header."""
ClientOf = Callable[[str | None], httpx.Client]


def test_description_is_public_and_names_every_answer(client_of: ClientOf) -> None:
    document = client_of(None).get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    paths = {path: set(operations) for path, operations in document["paths"].items()}
    assert paths["/api/v1/cases"] == {"get"}
    assert paths["/api/v1/cases/{case_id}/decisions"] == {"post"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (path, method)
            if path.startswith("/api/v1/") and (method.upper(), path.removeprefix("/api/v1")) not in PUBLIC:
                assert "401" in operation["responses"], (path, method)
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")) and status not in FILE_SERVERS:
                    content = response["content"]["application/problem+json"]
                    assert content["schema"]["$ref"].endswith("/Problem"), (path, method, status)
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    for name in ("CaseOut", "DecisionIn", "LoginIn", "Problem"):
        assert schemas[name]["examples"], name


def test_vocabulary_has_words_for_every_code(lan: httpx.Client) -> None:
    words = lan.get("/api/v1/vocabulary").json()
    assert set(words["states"]) == set(State)
    assert set(words["actions"]) == set(MOVES)
    assert set(words["reasons"]) == set(REASONS)
    assert set(words["doubts"]) == {*RULE_DOUBTS, *DOUBT_WORDS} >= SECOND_DOUBTS
    assert set(words["kinds"]) == set(ViolationKind)
    assert set(words["roles"]) == set(Role)
    assert set(words["clocks"]) == set(ClockGrade)
    assert {kind.label for kind in ObjectClass} <= set(words["vehicles"])
    assert words["actions"]["confirm"]["reasons"] == ["evidence_sufficient", "verified"]


def test_catalogue_has_both_languages_and_the_same_gaps_to_fill() -> None:
    import re

    for section, entries in catalogue().items():
        for code, entry in entries.items():
            assert set(entry) == {"vi", "en"}, (section, code)
            gaps = [sorted(re.findall(r"\{(\w+)\}", text)) for text in entry.values()]
            assert gaps[0] == gaps[1], (section, code)


def test_health_and_counters_need_no_login(server: Server, client_of: ClientOf, case_id: str) -> None:
    client = client_of(None)
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}
    text = client.get("/metrics").text
    assert 'phatnguoi_cases{state="NEW"}' in text
    assert 'phatnguoi_http_requests_total{method="GET",route="/health/live",status="200"}' in text
    assert case_id not in text


def test_server_that_cannot_reach_its_evidence_is_not_ready(server: Server, client_of: ClientOf) -> None:
    root = server.context.settings.evidence
    root.rename(root.with_name("moved"))
    try:
        answer = client_of(None).get("/health/ready")
    finally:
        root.with_name("moved").rename(root)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert str(root) in answer.json()["detail"]


@pytest.mark.parametrize("column", ["assignee", "queue_at"])
def test_columns_that_are_not_for_the_outside_stay_inside(lan: httpx.Client, case_id: str, column: str) -> None:
    assert hasattr(Case, column)
    assert column not in lan.get(f"/api/v1/cases/{case_id}").json()

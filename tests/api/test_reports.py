"""Reports over HTTP: by account, as files, by campaign; the public sees aggregates only."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from tests.api.server import Server
from tests.cases.builders import NOON, opened

ClientOf = Callable[[str | None], httpx.Client]
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30"}
FORMS = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def cases(server: Server) -> None:
    """Seven cases in November 2026, one a year before, in Hoàn Kiếm."""
    for number in range(8):
        at = NOON + timedelta(minutes=number) if number < 7 else NOON.replace(year=2025)
        opened(server.context.database, server.context.store, 500 + number, start_at=at)  # type: ignore[arg-type]


def test_report_by_account(client_of: ClientOf) -> None:
    found = client_of("chief").get("/api/v1/reports", params=NOVEMBER).json()
    assert (found["total"]["now"], found["total"]["last_year"], found["total"]["change_last_year"]) == (7, 1, 600.0)
    assert found["by"]["ward"][0]["value"] == "Hoàn Kiếm"
    assert (found["last_year"]["first"], found["before"]["last"]) == ("2025-11-01", "2026-10-31")
    assert client_of("tuan").get("/api/v1/reports", params=NOVEMBER).json()["total"]["now"] == 0
    assert client_of("root").get("/api/v1/reports", params=NOVEMBER).status_code == 403


@pytest.mark.parametrize("form", sorted(FORMS))
def test_files(client_of: ClientOf, form: str) -> None:
    answer = client_of("lan").get("/api/v1/reports/file", params={**NOVEMBER, "form": form})
    assert (answer.status_code, answer.headers["content-type"]) == (200, FORMS[form])
    assert f'filename="bao-cao-2026-11-01-2026-11-30.{form}"' in answer.headers["content-disposition"]


def test_campaigns_name_periods(client_of: ClientOf) -> None:
    chief = client_of("chief")
    body = {"name": "Cao điểm tháng 11", **NOVEMBER}
    assert client_of("lan").post("/api/v1/reports/campaigns", json=body).status_code == 403
    assert chief.post("/api/v1/reports/campaigns", json=body).status_code == 201
    again = chief.post("/api/v1/reports/campaigns", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    assert chief.get("/api/v1/reports", params={"campaign": body["name"]}).json()["total"]["now"] == 7
    assert chief.delete(f"/api/v1/reports/campaigns/{body['name']}").status_code == 204
    for name in (".", "..", "a/b"):  # addresses that browsers and servers read as others: nobody could remove them
        assert chief.post("/api/v1/reports/campaigns", json={**body, "name": name}).status_code == 422, name
    assert chief.get("/api/v1/reports", params={"campaign": body["name"]}).status_code == 404


@pytest.mark.parametrize("params", [{}, {"first": "2026-11-01"}, {"first": "2026-11-02", "last": "2026-11-01"},
                                    {"first": "x", "last": "y"}, {**NOVEMBER, "more": "1"}])  # fmt: skip
def test_unusable_periods(client_of: ClientOf, params: dict[str, str]) -> None:
    assert client_of("chief").get("/api/v1/reports", params=params).status_code == 422


def test_due_days(client_of: ClientOf) -> None:
    rows = client_of("chief").get("/api/v1/reports/due").json()
    assert [(row["code"], row["on"][5:]) for row in rows] == [("wards", "11-10"), ("city", "11-30")]


def test_public_sees_whole_past_months_and_no_person(client_of: ClientOf) -> None:
    client = client_of(None)
    found = client.get("/api/public/v1/statistics", params={"first": "2025-11", "last": "2025-11"})
    assert found.status_code == 200
    assert (found.json()["total"], found.json()["by"]["ward"]) == (None, {"Hoàn Kiếm": None})
    assert set(found.json()["by"]) == {"ward", "kind", "outcome"}
    for first, last in (("2099-01", "2099-01"), ("2025-11", "2025-10"), ("2025-13", "2025-13"), ("x", "y")):
        answer = client.get("/api/public/v1/statistics", params={"first": first, "last": last})
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")

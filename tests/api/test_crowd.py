"""Twenty officers at once against the real server: no error, no lost update, no case decided twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cases.queue
from api.bench import BenchRequest, fill, run_bench
from api.bench_plans import LOGS, OFFICER, PAGES, plans
from cases.database import Database, open_database, sqlite_url
from cases.evidence import FolderStore
from cases.queue import Sort, list_cases
from cases.settings import Settings
from detector.types import CaseError
from tests.cases.builders import opened


def test_twenty_officers_at_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, lock_wait_s=60)
    found = run_bench(BenchRequest(settings=settings, cases=3000, officers=20, decisions=2, looks=2))
    crowd = found["officers"]
    assert crowd["errors"] == []
    assert (crowd["decisions"], crowd["double"], crowd["log_intact"]) == (40, 0, True)
    assert all(times["max"] > 0 for times in found["queue_page_s"].values())
    assert 0 < crowd["next_after_decision_s"]["server_cpu"] < 2


FEW = {"next", "held by one officer", "owners' answers that wait", "papers to be signed", "of citizens"} | {
    "sure ones of a day"
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_database(sqlite_url(tmp_path_factory.mktemp("filled") / "phatnguoi.db"))
    fill(database, 3000)
    yield database
    database.close()


def test_no_page_of_many_cases_no_next_case_and_no_page_of_a_log_walks_over_all_rows(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases.queue, "FEW", -1)  # as in a store where each of these has many
    found = plans(filled)
    assert {label for label, lines in found.items() if not lines} == set()
    # A scan names the index it follows in order and stops at the page's end; sorting would read all of it first.
    # What an officer holds, or somebody waits for, is sorted: a handful found by its own index.
    walking = {
        (label, line)
        for label, lines in found.items()
        for line in lines
        if ("TEMP B-TREE" in line and label not in FEW) or ("SCAN cases" in line and "INDEX" not in line)
    }
    assert walking == set()
    assert any("ix_cases_state_queue" in line for line in found["next"])
    for label, (log, _) in LOGS.items():
        (line,) = found[label]
        assert line.startswith(f"SEARCH {log.__tablename__} USING INDEX ix_"), (label, line)


def test_a_page_of_few_cases_walks_over_no_others(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index in the page's order is not followed to its end for what is not in it."""
    monkeypatch.setattr(cases.queue, "FEW", 1_000_000)
    found = {label: lines for label, lines in plans(filled).items() if label in PAGES and label != "everything"}
    assert {(label, line) for label, lines in found.items() for line in lines if "SCAN cases" in line} == set()


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("label", sorted(PAGES))
def test_few_and_many_are_told_alike(filled: Database, monkeypatch: pytest.MonkeyPatch, label: str, sort: Sort) -> None:
    told = []
    for few in (-1, 1_000_000):
        monkeypatch.setattr(cases.queue, "FEW", few)
        pages: list[list[str]] = []
        cursor: str | None = None
        for _ in range(3):
            page = list_cases(filled.sessions, actor=OFFICER, where=PAGES[label][0], sort=sort, limit=7, cursor=cursor)
            pages.append([case.id for case in page.cases])
            cursor = page.next_cursor
            if cursor is None:
                break
        told.append((pages, page.total))
    assert told[0] == told[1]


def test_bench_leaves_real_cases_alone(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    opened(database, FolderStore(tmp_path / "evidence"))
    with pytest.raises(CaseError, match="holds real cases"):
        fill(database, 100)
    database.close()

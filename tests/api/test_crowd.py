"""Twenty officers at once against the real server: no error, no lost update, no case decided twice."""

from pathlib import Path

import pytest

from api.bench import BenchRequest, fill, run_bench
from api.bench_plans import LOGS, plans
from cases.database import open_database, sqlite_url
from cases.evidence import FolderStore
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


FEW = {"next", "held by one officer", "owners' answers that wait", "papers to be signed", "of citizens"}


def test_no_queue_page_no_next_case_and_no_page_of_a_log_walks_over_all_rows(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    fill(database, 3000)
    found = plans(database)
    database.close()
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


def test_bench_leaves_real_cases_alone(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    opened(database, FolderStore(tmp_path / "evidence"))
    with pytest.raises(CaseError, match="holds real cases"):
        fill(database, 100)
    database.close()

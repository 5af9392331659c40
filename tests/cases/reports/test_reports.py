"""Reports: counts beside two other periods, outcomes of closed cases, repeat offenders, files, and what is public."""

import csv
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from cases import service
from cases.database import Database, write_transaction
from cases.faults import BadQueryError, NameTakenError, NotFoundError, NotPermittedError
from cases.ledger import seal
from cases.lifecycle import Action, State
from cases.records import DocumentKind, Notice
from cases.reports.campaigns import campaigns, drop_campaign, save_campaign
from cases.reports.figures import OUTCOMES, change_percent, count, figures
from cases.reports.files import HEADINGS, OUTCOME_WORDS, rows, write_report
from cases.reports.period import Period, due_reports, period_of
from cases.reports.public import public_figures, public_period, withheld
from cases.settings import Settings
from detector.types import ViolationKind
from tests.cases.builders import ADMIN, CHIEF, ELSEWHERE, LAN, NOON, opened
from tests.cases.installation import Installation, install

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """November 2026: 3 at home (one confirmed), 6 elsewhere (one rejected, closed); 2 last year; 4 in October."""
    made = install(tmp_path_factory.mktemp("data"), media={"during.jpg": b"x"})
    number = 100
    for when, many, ward in (
        (NOON, 6, "Ba Đình"),
        (NOON.replace(year=2025), 2, "Ba Đình"),
        (NOON - timedelta(days=30), 4, "Hoàn Kiếm"),
    ):
        for _ in range(many):
            number += 1
            last = opened(made.database, made.store, number, ward=ward, camera_id=f"CAM-{ward[0]}",
                          start_at=when - timedelta(minutes=number), items={"during.jpg": b"x"},
                          **({"kind": ViolationKind.ILLEGAL_PARKING} if number == 101 else {})).case_id  # fmt: skip
            if number == 101:
                _reject_and_close(made, last)
    _notices(made)
    yield made
    made.database.close()


def _reject_and_close(made: Installation, case_id: str) -> None:
    sessions = made.database.sessions
    service.claim(sessions, case_id=case_id, actor=CHIEF, now=NOON, lease_s=60)
    for version, action, reason in ((1, Action.REJECT, "no_violation"), (2, Action.CLOSE, "finished")):
        service.decide(
            sessions, case_id=case_id, actor=CHIEF, action=action, reason=reason, expected_version=version, now=NOON
        )


def _notices(made: Installation) -> None:
    with write_transaction(made.database.sessions) as session:
        for number, (case_id, plate) in enumerate(
            zip(made.case_ids, ("29A12345", "29A12345", "30K55555"), strict=True)
        ):
            row = Notice(id=f"TB-{number}", case_id=case_id, kind=DocumentKind.NOTICE, number=str(number), plate=plate,
                         code_sha256="0" * 64, fields={}, name=f"documents/{number}", sha256="0" * 64, issued_by="hung",
                         issued_at=NOON)  # fmt: skip
            seal(session, row, actor="hung", at=NOON, did="issued")


def test_counts_stand_beside_last_year_and_the_days_before(made: Installation) -> None:
    found = figures(made.database.sessions, actor=CHIEF, period=NOVEMBER)
    assert found.total == {"now": 9, "last_year": 2, "before": 4}
    assert found.by["ward"]["Ba Đình"] == {"now": 6, "last_year": 2, "before": 0}
    assert found.by["ward"]["Hoàn Kiếm"] == {"now": 3, "last_year": 0, "before": 4}
    assert found.by["kind"]["illegal_parking"]["now"] == 1
    assert found.by["outcome"]["rejected"]["now"] == 1, "the closed case counts by what was decided"
    assert (found.by["outcome"]["confirmed"]["now"], found.by["outcome"]["pending"]["now"]) == (1, 7)
    assert {sum(t["now"] for t in values.values()) for values in found.by.values()} == {9}
    assert [(r.plate, r.plate_shown, r.cases) for r in found.repeats] == [("29A12345", "29A-123.45", 2)]


def test_account_sees_its_wards_only(made: Installation) -> None:
    found = figures(made.database.sessions, actor=ELSEWHERE, period=NOVEMBER)
    assert (found.total["now"], list(found.by["ward"]), found.repeats) == (6, ["Ba Đình"], [])
    with pytest.raises(NotPermittedError):
        figures(made.database.sessions, actor=ADMIN, period=NOVEMBER)


def test_every_state_has_an_outcome_in_words() -> None:
    assert set(OUTCOMES) == set(State)
    assert {outcome.value for outcome in OUTCOMES.values()} == set(OUTCOME_WORDS)


PERIODS = {
    "a month": (date(2026, 11, 1), date(2026, 11, 30), date(2025, 11, 1), date(2026, 10, 2)),
    "leap day": (date(2024, 2, 29), date(2024, 2, 29), date(2023, 2, 28), date(2024, 2, 28)),
    "a year": (date(2026, 1, 1), date(2026, 12, 31), date(2025, 1, 1), date(2025, 1, 1)),
}


@pytest.mark.parametrize("label", sorted(PERIODS))
def test_periods_beside(label: str) -> None:
    first, last, year, before = PERIODS[label]
    beside = period_of(first, last).beside()
    assert (beside["last_year"].first, beside["before"].first) == (year, before)
    assert beside["before"].days == beside["now"].days
    assert beside["now"].from_at == datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=7)


@pytest.mark.parametrize(("first", "last"), [(date(2026, 2, 1), date(2026, 1, 1)), (date(2000, 1, 1), date(2026, 1, 1)),
                                             (date(1, 1, 1), date(1, 1, 2))])  # fmt: skip
def test_unusable_periods_are_refused(first: date, last: date) -> None:
    with pytest.raises(BadQueryError):
        period_of(first, last)


@pytest.mark.parametrize(("today", "due"), [
    (date(2026, 11, 10), [("wards", date(2026, 11, 10), 0), ("city", date(2026, 11, 30), 20)]),
    (date(2026, 11, 11), [("wards", date(2027, 11, 10), 364), ("city", date(2026, 11, 30), 19)]),
])  # fmt: skip
def test_due_days(today: date, due: list[tuple[str, date, int]]) -> None:
    assert [(row.code, row.on, row.days_left) for row in due_reports(today)] == due


def test_change_in_percent() -> None:
    assert (change_percent(6, 4), change_percent(0, 4), change_percent(3, 0)) == (50.0, -100.0, None)


def test_files_say_the_same(made: Installation, tmp_path: Path) -> None:
    found = count(made.database.sessions, period=NOVEMBER)
    settings = Settings(data_dir=tmp_path)
    table = list(csv.reader(StringIO(write_report(found, "csv", settings).decode("utf-8-sig"))))
    assert tuple(table[0]) == HEADINGS
    assert table[1] == ["Tổng số", "Vi phạm phát hiện", "9", "2", "4", "350.0", "125.0"]
    book = openpyxl.load_workbook(BytesIO(write_report(found, "xlsx", settings)))
    cells = [list(row) for row in book["Báo cáo"].iter_rows(values_only=True)]
    assert [[str(c) for c in row[:5]] for row in cells] == [row[:5] for row in table]
    words = "".join(
        "".join(page.extract_text() for page in PdfReader(BytesIO(write_report(found, "pdf", settings))).pages).split()
    )
    for expected in ("Báo cáo kết quả", "Ba Đình", "01/11/2026 - 30/11/2026", "Tái phạm", "29A-123.45", "350,0"):
        assert expected.replace(" ", "").lower() in words.lower(), expected
    book.close()


def test_cells_are_never_formulas(made: Installation, tmp_path: Path) -> None:
    found = count(made.database.sessions, period=NOVEMBER)
    found.by["street"]['=HYPERLINK("x")'] = {"now": 1, "last_year": 0, "before": 0}
    settings = Settings(data_dir=tmp_path)
    assert any(row[1] == '=HYPERLINK("x")' for row in rows(found))
    assert "\r\nTuyến phố,\"'=HYPERLINK" in write_report(found, "csv", settings).decode()
    book = openpyxl.load_workbook(BytesIO(write_report(found, "xlsx", settings)))
    assert {cell.data_type for row in book["Báo cáo"].iter_rows() for cell in row} <= {"s", "n"}
    book.close()


def test_empty_report_has_no_division_by_nothing(made: Installation, tmp_path: Path) -> None:
    found = count(made.database.sessions, period=period_of(date(2030, 1, 1), date(2030, 1, 1)))
    for form in ("csv", "xlsx", "pdf"):
        assert write_report(found, form, Settings(data_dir=tmp_path))  # type: ignore[arg-type]


def triples(**counts: int) -> dict[str, dict[str, int]]:
    return {name: {"now": number, "last_year": 99, "before": 99} for name, number in counts.items()}


WITHHELD = {
    "all large": (triples(a=5, b=70), {"a": 5, "b": 70}),
    "one small takes the next with it": (triples(a=3, b=70, c=9), {"a": None, "b": 70, "c": None}),
    "two small hide each other": (triples(a=3, b=70, c=1), {"a": None, "b": 70, "c": None}),
    "nothing is not shown": (triples(a=0, b=70), {"b": 70}),
    "alone": (triples(a=3), {"a": None}),
}


@pytest.mark.parametrize("label", sorted(WITHHELD))
def test_small_counts_are_withheld(label: str) -> None:
    counts, shown = WITHHELD[label]
    assert withheld(counts) == shown  # type: ignore[arg-type]


def test_public_sees_whole_months_that_are_over(made: Installation) -> None:
    period = public_period(date(2026, 11, 5), date(2026, 11, 5), today=date(2026, 12, 1))
    assert period == NOVEMBER
    found = public_figures(made.database.sessions, period)
    assert (found.total, set(found.by)) == (9, {"ward", "kind", "outcome"})
    assert found.by["ward"] == {"Ba Đình": None, "Hoàn Kiếm": None}
    for first, last, today in ((11, 11, date(2026, 11, 30)), (12, 11, date(2026, 12, 1))):
        with pytest.raises(BadQueryError):
            public_period(date(2026, first, 1), date(2026, last, 1), today=today)
    with pytest.raises(BadQueryError):
        public_period(date(2023, 1, 1), date(2025, 1, 1), today=date(2026, 1, 1))


def test_of_two_commanders_at_once_one_saves_and_one_removes(database: Database) -> None:
    ready, told = threading.Barrier(4), Counter[str]()
    days = {"first": date(2026, 2, 1), "last": date(2026, 4, 30)}

    def work(act: Callable[[], object]) -> None:
        ready.wait(30)
        try:
            act()
            told["done"] += 1
        except (NameTakenError, NotFoundError) as refused:
            told[type(refused).__name__] += 1

    def save() -> object:
        return save_campaign(database.sessions, actor=CHIEF, name="Tết", now=NOON, **days)

    def drop() -> object:
        return drop_campaign(database.sessions, actor=CHIEF, name="Tết")

    for act in (save, drop):
        threads = [threading.Thread(target=work, args=(act,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert told == {"done": 2, "NameTakenError": 3, "NotFoundError": 3}


def test_campaigns_are_saved_by_commanders(made: Installation) -> None:
    sessions, how = made.database.sessions, {"first": date(2026, 2, 1), "last": date(2026, 4, 30), "now": NOON}
    save_campaign(sessions, actor=CHIEF, name="Đợt 2", **how)  # type: ignore[arg-type]
    assert [row.name for row in campaigns(sessions, actor=LAN)] == ["Đợt 2"]
    with pytest.raises(NameTakenError):
        save_campaign(sessions, actor=CHIEF, name="Đợt 2", **how)  # type: ignore[arg-type]
    with pytest.raises(NotPermittedError):
        save_campaign(sessions, actor=LAN, name="Đợt 3", **how)  # type: ignore[arg-type]
    drop_campaign(sessions, actor=CHIEF, name="Đợt 2")
    with pytest.raises(NotFoundError):
        drop_campaign(sessions, actor=CHIEF, name="Đợt 2")

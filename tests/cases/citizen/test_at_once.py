"""Two officers at one report or answer at the same moment, on two servers: nobody's word is overwritten unseen."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from types import ModuleType
from typing import Any

import pytest

from cases.actor import Actor
from cases.citizen import lookup, reports
from cases.citizen.media import Upload
from cases.citizen.reports import link_cases, receive, report_form, settle
from cases.faults import IllegalMoveError
from cases.ledger import sealed_faults
from cases.records import AnswerKind, DocumentKind
from tests.cases.builders import CHIEF, LAN, MINH, NOON
from tests.cases.installation import Installation, install, street_jpeg
from tests.cases.papers import lay_down

Work = Callable[[Actor], object]


@pytest.fixture
def made(url: str, tmp_path: Path) -> Iterator[Installation]:
    made = install(tmp_path / "data", cases=2, url=url)
    yield made
    with made.database.sessions() as session:
        assert sealed_faults(session) == []
    made.database.close()


def at_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType, work: Work) -> list[str]:
    """What two are told who have both read before either writes, if the locks let them come so far."""
    both, seal = Barrier(2), module.seal

    def slow(*row: Any, **how: Any) -> None:
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        seal(*row, **how)

    def told(actor: Actor) -> str:
        try:
            work(actor)
        except IllegalMoveError as refused:
            return str(refused)
        return "done"

    monkeypatch.setattr(module, "seal", slow)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(told, (LAN, MINH)))
    monkeypatch.setattr(module, "seal", seal)
    return found


def reported(made: Installation) -> str:
    form = report_form(occurred_at=NOON, place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    sent = receive(made.database.sessions, made.root / "citizen", form=form, uploads=[Upload("x", [street_jpeg()])],
                   largest_bytes=1 << 20, now=NOON)  # fmt: skip
    return sent.report.id


def test_of_two_who_close_a_report_one_is_told(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, report_id = made.database.sessions, reported(made)

    def close(actor: Actor) -> object:
        return settle(sessions, report_id=report_id, actor=actor, outcome=actor.name, cases=(), now=NOON)

    told = at_once(monkeypatch, reports, close)
    assert sorted(told) == ["done", f"report {report_id}: is closed already"]
    first = (LAN, MINH)[told.index("done")]
    assert reports.report_row(sessions, report_id).outcome == first.name


def test_cases_that_two_open_from_one_report_are_both_kept(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, report_id = made.database.sessions, reported(made)

    def opens(actor: Actor) -> object:
        return link_cases(sessions, report_id=report_id, cases=[f"PN-{actor.name}"], now=NOON, by=actor.name)

    assert at_once(monkeypatch, reports, opens) == ["done", "done"]
    assert reports.report_row(sessions, report_id).cases == ["PN-lan", "PN-minh"]


def test_of_two_who_reply_to_an_owner_one_is_told(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, case_id = made.database.sessions, made.case_ids[1]
    notice = lay_down(made.database, case_id, DocumentKind.NOTICE, now=NOON, signed_by="chief", store=made.store)
    said = lookup.answer(sessions, notice_id=notice.id, kind=AnswerKind.ACCEPT, text="", contact="", now=NOON)

    def replies(actor: Actor) -> object:
        return lookup.reply(sessions, case_id=case_id, answer_id=said.id, text=actor.name, actor=actor, now=NOON)

    told = at_once(monkeypatch, lookup, replies)
    first = (LAN, MINH)[told.index("done")]
    assert sorted(told) == [f"answer {said.id}: was replied to by {first.name}", "done"]
    assert [one.reply for one in lookup.answers(sessions, case_id=case_id, actor=CHIEF)] == [first.name]

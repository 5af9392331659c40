"""The time that the law gives an owner is not cut short by a key, and an owner who answered is not passed over."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from cases import service
from cases.actor import Actor
from cases.citizen import lookup
from cases.citizen.desk import deal
from cases.database import Database
from cases.evidence import FolderStore
from cases.faults import AnswerFirstError, TooEarlyError
from cases.lifecycle import DEADLINES, MOVES, Action, State
from cases.openness import openness
from cases.records import AnswerKind, Dealing
from tests.cases.builders import LAN
from tests.cases.installation import install
from tests.cases.notice.issuing import noticed
from tests.cases.walking import HOA, KY, Walk, walk

A = Action
EARLY: dict[str, tuple[tuple[tuple[Actor, Action], ...], Action, State]] = {
    "no answer to the notice": (((HOA, A.SEND_NOTICE),), A.NO_RESPONSE, State.NORESP),
    "the decision not complied with": (
        ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE), (HOA, A.SERVE)),
        A.ENFORCE,
        State.FORCE,
    ),
    "the same beneath a complaint": (
        ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE), (HOA, A.SERVE),
         (HOA, A.APPEAL)),
        A.ENFORCE,
        State.APPEAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("label", sorted(EARLY))
def test_no_key_skips_the_time_the_law_gives(sqlite: Database, store: FolderStore, label: str) -> None:
    steps, action, state = EARLY[label]
    life = walk(sqlite, store)
    life.take(LAN, A.CONFIRM)
    for actor, step in steps:
        life.take(actor, step)
    life.hasty = True
    clocks = service.clocks(sqlite.sessions, case_id=life.case_id, actor=LAN)
    end = next(due.due_at for due in clocks if due.code == MOVES[action].after)
    for at in (life.now, end - timedelta(seconds=1)):
        life.now = at
        fault = openness(sqlite.sessions, life.case(), HOA, now=life.now).waiting[action]
        assert isinstance(fault, TooEarlyError) and fault.day == (end + timedelta(hours=6)).date()
        with pytest.raises(TooEarlyError, match="open once"):
            life.take(HOA, action)
    life.now = end
    assert action in life.open_to(HOA)
    assert life.take(HOA, action).state is state


def test_the_last_day_is_told_as_hanoi_counts_it(sqlite: Database, store: FolderStore) -> None:
    life = walk(sqlite, store)
    life.take(LAN, A.CONFIRM)
    life.take(HOA, A.SEND_NOTICE)
    fault = openness(sqlite.sessions, life.case(), HOA, now=life.now).waiting[A.NO_RESPONSE]
    assert isinstance(fault, TooEarlyError) and fault.day == date(2026, 12, 10)


def test_who_answered_has_not_kept_silent(tmp_path: Path) -> None:
    made = install(tmp_path / "data")
    sessions, notice = made.database.sessions, noticed(made).document
    life = Walk(made.database, made.case_ids[1], store=made.store)
    say = {"notice_id": notice.id, "kind": AnswerKind.EXPLAIN, "contact": "", "now": life.now}

    def dealt(answer: str) -> None:
        deal(sessions, case_id=life.case_id, answer_id=answer, dealing=Dealing.NOTED, note="", actor=LAN, now=life.now)

    for action, state in ((A.NO_RESPONSE, State.NORESP), (A.PLACE_WARNING, State.WARNED)):
        answer = lookup.answer(sessions, text=f"Vì sao {action}", **say)  # type: ignore[arg-type]
        life.wait_for(action)
        assert isinstance(openness(sessions, life.case(), HOA, now=life.now).waiting[action], AnswerFirstError)
        with pytest.raises(AnswerFirstError, match="deal with that"):
            life.take(HOA, action)
        stuck: list[str] = []
        assert service.run_deadlines(sessions, now=life.now, stuck=stuck) == []
        assert stuck == ([life.case_id] if action is A.NO_RESPONSE else [])
        dealt(answer.id)
        assert life.take(HOA, action).state is state
    made.database.close()


def test_clocks_that_moves_wait_for_are_in_the_table() -> None:
    for move in MOVES.values():
        assert move.after is None or DEADLINES[move.after].runs_in <= move.from_states | move.stays_in, move.action

"""Nobody answers a complaint of his own decision alone; what an owner moved waits on the desk until it is judged."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest

from cases.actor import Actor
from cases.citizen import desk
from cases.citizen.desk import deal, tasks
from cases.citizen.lookup import answer
from cases.database import read_transaction
from cases.faults import IllegalMoveError, OwnDecisionError
from cases.lifecycle import Action, State
from cases.openness import open_to
from cases.queue import Filter, list_cases
from cases.records import AnswerKind, Dealing, DocumentKind
from cases.verification import verify_case
from detector.types import ObjectClass
from tests.cases.builders import CHIEF, LAN, MINH, NOON, opened
from tests.cases.installation import Installation, install
from tests.cases.papers import lay_down
from tests.cases.walking import HOA, KY, Walk

A = Action
OTHER_CHIEF = Actor(name="chief-2", role=CHIEF.role)


def disputed(made: Installation, life: Walk) -> str:
    """The owner disputes a notice of the case; the answer's number."""
    row = lay_down(made.database, life.case_id, DocumentKind.NOTICE, now=life.now, signed_by="chief", store=made.store)
    life.take(HOA, A.SEND_NOTICE)
    return says(made, row.id, AnswerKind.DISPUTE, life)


def says(made: Installation, notice_id: str, kind: AnswerKind, life: Walk) -> str:
    said = answer(made.database.sessions, notice_id=notice_id, kind=kind, text="Sai", contact="", now=life.now)
    return said.id


def waiting(made: Installation, actor: Actor = CHIEF) -> list[str]:
    page = list_cases(made.database.sessions, actor=actor, where=Filter(answers_waiting=True))
    assert page.answers_waiting == len(page.cases)
    return [case.id for case in page.cases]


def test_who_confirmed_does_not_answer_the_dispute_of_it(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    said = disputed(made, life)
    assert (life.case().state, waiting(made)) == (State.CHECK, [life.case_id])
    with read_transaction(made.database.sessions) as session:
        waits = open_to(session, life.case(), LAN, now=life.now).waiting
    assert isinstance(waits[A.CONFIRM], OwnDecisionError), "the console can say why it is not open"
    assert A.CONFIRM not in life.open_to(LAN) and A.REJECT in life.open_to(LAN), "to give the owner right is open"
    assert A.CONFIRM in life.open_to(MINH) and A.CONFIRM in life.open_to(CHIEF)
    with pytest.raises(OwnDecisionError, match="another person"):
        life.take(LAN, A.CONFIRM)
    with pytest.raises(OwnDecisionError):
        deal(made.database.sessions, case_id=life.case_id, answer_id=said, dealing=Dealing.UNFOUNDED, note="đã xem",
             actor=LAN, now=life.now)  # fmt: skip
    life.now += timedelta(minutes=16)  # the first officer's claim is over
    assert life.take(MINH, A.CONFIRM).state is State.CONFIRMED
    assert waiting(made) == []
    task = tasks(made.database.sessions, case_id=life.case_id)[said]
    assert (task.dealing, task.dealt_by) == (Dealing.MOVED, "minh")
    assert life.undo(MINH).state is State.CHECK
    assert waiting(made) == [life.case_id], "what was taken back is no answer"
    life.now += timedelta(minutes=16)
    assert life.take(LAN, A.REJECT).state is State.REJECTED
    assert waiting(made) == []
    assert verify_case(made.database.sessions, made.store, case_id=life.case_id).intact


def test_of_two_who_confirmed_neither_is_the_first_to_confirm_again(made: Installation) -> None:
    car = opened(made.database, made.store, 30, vehicle=ObjectClass.CAR).case_id
    life = Walk(made.database, car, store=made.store)
    life.take(LAN, A.CONFIRM)
    life.take(MINH, A.CONFIRM)
    disputed(made, life)
    for officer in (LAN, MINH):
        assert A.CONFIRM not in life.open_to(officer)
    assert life.take(CHIEF, A.CONFIRM).state is State.SECOND
    assert life.take(LAN, A.CONFIRM).state is State.CONFIRMED, "with another beside"


def test_cannot_tell_is_no_way_round(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    disputed(made, life)
    life.take(MINH, A.CANNOT_TELL)
    with pytest.raises(OwnDecisionError):
        life.take(LAN, A.CONFIRM)


def test_a_dispute_of_what_another_confirmed_again_is_open_to_the_first(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    disputed(made, life)
    life.take(MINH, A.CONFIRM)
    disputed(made, life)
    assert A.CONFIRM not in life.open_to(MINH) and A.CONFIRM in life.open_to(LAN)


def test_who_confirmed_does_not_uphold_the_decision_complained_of(made: Installation) -> None:
    chief_s = opened(made.database, made.store, 31).case_id
    life = Walk(made.database, chief_s, store=made.store)
    life.take(CHIEF, A.CONFIRM)
    row = lay_down(made.database, life.case_id, DocumentKind.NOTICE, now=life.now, signed_by="x", store=made.store)
    for actor, action in ((HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT), (KY, A.SIGN), (HOA, A.ISSUE)):
        life.take(actor, action)
    said = says(made, row.id, AnswerKind.COMPLAINT, life)
    assert waiting(made) == [life.case_id]
    assert A.UPHOLD not in life.open_to(CHIEF) and A.ANNUL in life.open_to(CHIEF)
    with pytest.raises(OwnDecisionError):
        life.take(CHIEF, A.UPHOLD)
    assert life.take(OTHER_CHIEF, A.UPHOLD).state is State.DECIDED
    assert waiting(made) == []
    assert tasks(made.database.sessions, case_id=life.case_id)[said].dealt_by == "chief-2"


def test_reopening_is_no_dispute(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(CHIEF, A.REOPEN)
    assert A.CONFIRM in life.open_to(LAN)
    assert life.case().opened_at.year >= NOON.year


def test_what_was_undone_at_once_is_nobodys_decision(made: Installation) -> None:
    life = Walk(made.database, made.case_ids[0], store=made.store)
    life.take(LAN, A.CONFIRM)
    life.undo(LAN)
    life.now += timedelta(minutes=16)
    life.take(MINH, A.CONFIRM)
    disputed(made, life)
    assert A.CONFIRM in life.open_to(LAN) and A.CONFIRM not in life.open_to(MINH)


@pytest.mark.parametrize("reason", ["vehicle_sold", "decided_in_error"])
def test_what_a_handler_found_out_is_no_dispute(made: Installation, reason: str) -> None:
    life = Walk(made.database, made.case_ids[1], store=made.store)
    life.take(HOA, A.OBJECT, reason=reason)
    assert life.case().state is State.CHECK
    assert life.take(LAN, A.CONFIRM).state is State.CONFIRMED


def test_an_answer_is_dealt_with_once_by_two_at_once(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other once it has read that nobody dealt with it; the lock lets one alone come so far."""
    made = install(tmp_path / "data", cases=2, url=url)
    life = Walk(made.database, made.case_ids[1], store=made.store)
    row = lay_down(made.database, life.case_id, DocumentKind.NOTICE, now=life.now, signed_by="x", store=made.store)
    said, barrier, refused = says(made, row.id, AnswerKind.ACCEPT, life), Barrier(2), list[str]()

    check = desk._check

    def slow(*what: Any) -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(1.0)
        check(*what)

    def noted(actor: Actor) -> None:
        try:
            deal(made.database.sessions, case_id=life.case_id, answer_id=said, dealing=Dealing.NOTED, note="",
                 actor=actor, now=life.now)  # fmt: skip
        except IllegalMoveError as error:
            refused.append(str(error))

    monkeypatch.setattr(desk, "_check", slow)
    threads = [Thread(target=noted, args=(actor,)) for actor in (MINH, CHIEF)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(refused) == 1 and "was dealt with by" in refused[0]
    made.database.close()

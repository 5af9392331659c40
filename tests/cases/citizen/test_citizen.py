"""Citizens' reports and answers: kept in confidence, followed by code, answered, and found when altered."""

import sqlite3
import stat
from datetime import timedelta

import pytest

from cases import service
from cases.citizen import lookup, reports
from cases.citizen.media import MOST_FILES, Upload
from cases.citizen.reports import Received, receive, report_form
from cases.faults import BadReasonError, IllegalMoveError, NotFoundError, NotPermittedError
from cases.lifecycle import Action, State
from cases.records import AnswerKind, ReportState
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, ELSEWHERE, LAN, MINH, NOON
from tests.cases.installation import Installation, faults, street_jpeg
from tests.cases.notice.issuing import HUNG, noticed
from tests.cases.walking import KY, Walk

PHOTO, VIDEO = street_jpeg(), b"\0\0\0\x18ftypisom" + b"v" * 100
LARGEST = 1_000_000
GIVEN = {"occurred_at": NOON, "place": "12 Hàng Bài", "ward": "Hoàn Kiếm", "what": "illegal_parking",
         "reporter": "Bà Lan", "contact": "0912"}  # fmt: skip


def sent(made: Installation, *files: bytes, **change: object) -> Received:
    uploads = [Upload(f"x{number}", [data]) for number, data in enumerate(files or (PHOTO, VIDEO))]
    form = report_form(**{**GIVEN, **change})
    return receive(
        made.database.sessions, made.root / "citizen", form=form, uploads=uploads, largest_bytes=LARGEST, now=NOON
    )


def test_report_is_kept_for_this_account_only_and_followed_by_its_code(made: Installation) -> None:
    done = sent(made)
    row = done.report
    assert [(entry["name"], entry["media_type"]) for entry in row.media] == [
        ("file-1.jpg", "image/jpeg"),
        ("file-2.mp4", "video/mp4"),
    ]
    folder = made.root / "citizen" / row.id
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    found = reports.follow(made.database.sessions, report_id=row.id.lower(), code=done.code.lower())
    assert (found.id, found.state) == (row.id, ReportState.RECEIVED)
    for report_id, code in ((row.id, "AAAA-AAAA"), ("PA-AAAA-AAAA", done.code)):
        with pytest.raises(NotFoundError):
            reports.follow(made.database.sessions, report_id=report_id, code=code)
    assert faults(made) == []


REFUSED = {
    "no file": ((), {}, BadReasonError),
    "too many": ((PHOTO,) * (MOST_FILES + 1), {}, BadReasonError),
    "a program": ((b"MZ" + b"x" * 50,), {}, BadReasonError),
    "a page": ((b"<html><script>",), {}, BadReasonError),
    "empty": ((b"",), {}, BadReasonError),
    "too large": ((b"\xff\xd8\xff" + b"x" * LARGEST,), {}, BadReasonError),
    "second bad": ((PHOTO, b"x"), {}, BadReasonError),
    "future": ((PHOTO,), {"occurred_at": NOON + timedelta(hours=1)}, BadReasonError),
    "time-barred": ((PHOTO,), {"occurred_at": NOON - timedelta(days=366)}, BadReasonError),
    "unknown act": ((PHOTO,), {"what": "murder"}, BadReasonError),
    "control letters": ((PHOTO,), {"place": "a\x00b"}, BadReasonError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_report_is_refused_and_nothing_is_left(made: Installation, label: str) -> None:
    files, change, error = REFUSED[label]
    with pytest.raises(error):
        uploads = [Upload("x", [data]) for data in files]
        form = report_form(**{**GIVEN, **change})
        receive(
            made.database.sessions, made.root / "citizen", form=form, uploads=uploads, largest_bytes=LARGEST, now=NOON
        )
    assert not (made.root / "citizen").exists() or list((made.root / "citizen").iterdir()) == []
    assert reports.list_reports(made.database.sessions, actor=CHIEF) == []


def test_officers_of_the_ward_close_it_and_only_a_commander_learns_who_sent_it(made: Installation) -> None:
    sessions, report_id = made.database.sessions, sent(made).report.id
    assert reports.list_reports(sessions, actor=ELSEWHERE) == []
    with pytest.raises(NotFoundError):
        reports.get_report(sessions, report_id=report_id, actor=ELSEWHERE, now=NOON)
    with pytest.raises(NotPermittedError):
        reports.list_reports(sessions, actor=ADMIN)
    with pytest.raises(NotPermittedError):
        reports.reporter(sessions, report_id=report_id, actor=LAN, reason="x", now=NOON)
    with pytest.raises(BadReasonError):
        reports.reporter(sessions, report_id=report_id, actor=CHIEF, reason=" ", now=NOON)
    assert reports.reporter(sessions, report_id=report_id, actor=CHIEF, reason="x", now=NOON) == ("Bà Lan", "0912")
    with pytest.raises(BadReasonError):
        reports.settle(sessions, report_id=report_id, actor=LAN, outcome="x", cases=("PN-0",), now=NOON)
    row = reports.settle(
        sessions, report_id=report_id, actor=LAN, outcome="Đã lập hồ sơ", cases=made.case_ids[:1], now=NOON
    )
    assert (row.state, row.cases) == (ReportState.CLOSED, list(made.case_ids[:1]))
    with pytest.raises(IllegalMoveError):
        reports.settle(sessions, report_id=report_id, actor=LAN, outcome="x", cases=(), now=NOON)
    assert reports.blank_reporters(sessions, now=NOON + timedelta(days=19)) == 0
    assert reports.blank_reporters(sessions, now=NOON + timedelta(days=21)) == 1
    assert reports.reporter(sessions, report_id=report_id, actor=CHIEF, reason="x", now=NOON) == ("", "")
    assert faults(made) == []


def test_own_case_opens_by_plate_and_code_only(made: Installation) -> None:
    done, sessions = noticed(made), made.database.sessions
    found = lookup.look_up(sessions, plate="29a 123.45", code=done.code.replace("-", "").lower(), now=NOON)
    own = lookup.own_case(sessions, notice_id=found.id)
    assert (own.case_id, own.state, own.settled) == (made.case_ids[1], State.NOTICED, False)
    assert sorted(lookup.own_stills(made.store, own)) == ["after.jpg", "before.jpg", "during.jpg", "vehicle.jpg"]
    for plate, code in (("30A99999", done.code), ("29A12345", "AAAA-AAAA"), ("", ""), ("'; DROP", "x")):
        with pytest.raises(NotFoundError, match="no case with this plate and code"):
            lookup.look_up(sessions, plate=plate, code=code, now=NOON)


def test_who_holds_a_void_paper_sees_nothing_of_the_case_and_cannot_stop_it(made: Installation) -> None:
    done, sessions = noticed(made), made.database.sessions
    life = Walk(made.database, made.case_ids[1], store=made.store)
    say = {"notice_id": done.document.id, "text": "Không phải xe tôi", "contact": "", "now": NOON}
    lookup.answer(sessions, kind=AnswerKind.DISPUTE, **say)  # type: ignore[arg-type]
    life.take(MINH, Action.CONFIRM, reason="verified")
    life.take(HUNG, Action.SEEK_OWNER)
    for actor, action in ((HUNG, Action.MAKE_RECORD), (HUNG, Action.SUBMIT), (KY, Action.SIGN), (HUNG, Action.ISSUE)):
        life.take(actor, action)
    found = lookup.look_up(sessions, plate="29A12345", code=done.code, now=NOON)
    own = lookup.own_case(sessions, notice_id=found.id)
    assert (own.void, own.state, own.sanctioned, own.open_kinds) == (True, None, False, ())
    assert lookup.own_stills(made.store, own) == {} and own.fields["agency"] and own.fields["act"] == ""
    for kind in AnswerKind:
        with pytest.raises(IllegalMoveError, match="this notice is void"):
            lookup.answer(sessions, kind=kind, **say)  # type: ignore[arg-type]
    assert life.case().state is State.DECIDED
    assert faults(made) == []


@pytest.mark.parametrize(
    ("steps", "disputable"),
    [
        ((), True),
        ((Action.NO_RESPONSE, Action.PLACE_WARNING), True),
        ((Action.TRANSFER,), True),
        ((Action.MAKE_RECORD,), True),
        ((Action.MAKE_RECORD, Action.AWAIT_EXPLANATION), True),
        ((Action.MAKE_RECORD, Action.SUBMIT), False),
    ],
    ids=["noticed", "warned", "moved", "record", "awaiting an explanation", "with the signer"],
)
def test_a_dispute_is_offered_where_it_moves_the_case_and_only_there(
    made: Installation, steps: tuple[Action, ...], disputable: bool
) -> None:
    done, sessions = noticed(made), made.database.sessions
    life = Walk(made.database, made.case_ids[1], store=made.store)
    for action in steps:
        life.take(HUNG, action)
    stood, own = life.case().state, lookup.own_case(sessions, notice_id=done.document.id)
    assert (AnswerKind.DISPUTE in own.open_kinds, AnswerKind.EXPLAIN in own.open_kinds) == (disputable, True)
    say = {"notice_id": done.document.id, "kind": AnswerKind.DISPUTE, "text": "Sai", "contact": "", "now": NOON}
    if disputable:
        lookup.answer(sessions, **say)  # type: ignore[arg-type]
    else:
        with pytest.raises(IllegalMoveError):
            lookup.answer(sessions, **say)  # type: ignore[arg-type]
    assert life.case().state is (State.CHECK if disputable else stood)


def test_an_answer_that_was_to_move_the_case_and_could_not_is_not_kept(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    notice, sessions = noticed(made).document, made.database.sessions
    say = {"notice_id": notice.id, "kind": AnswerKind.DISPUTE, "text": "Sai", "contact": "", "now": NOON}
    with monkeypatch.context() as broken:
        broken.setattr("cases.deciding.void_papers", full)
        with pytest.raises(OSError, match="disk full"):
            lookup.answer(sessions, **say)  # type: ignore[arg-type]
    assert lookup.answers(sessions, case_id=notice.case_id, actor=LAN) == []
    lookup.answer(sessions, **say)  # type: ignore[arg-type]
    assert service.get_case(sessions, case_id=notice.case_id, actor=CHIEF).state is State.CHECK
    assert len(lookup.answers(sessions, case_id=notice.case_id, actor=LAN)) == 1


def test_a_decision_is_complained_of_once_on_the_page(made: Installation) -> None:
    done, sessions = noticed(made), made.database.sessions
    life = Walk(made.database, made.case_ids[1], store=made.store)
    for actor, action in ((HUNG, Action.MAKE_RECORD), (HUNG, Action.SUBMIT), (KY, Action.SIGN), (HUNG, Action.ISSUE)):
        life.take(actor, action)
    say = {"notice_id": done.document.id, "kind": AnswerKind.COMPLAINT, "text": "Sai", "contact": "", "now": life.now}
    lookup.answer(sessions, **say)  # type: ignore[arg-type]
    life.take(CHIEF, Action.UPHOLD)
    assert lookup.own_case(sessions, notice_id=done.document.id).open_kinds == (AnswerKind.ACCEPT,)
    with pytest.raises(IllegalMoveError, match="not the time"):
        lookup.answer(sessions, **say)  # type: ignore[arg-type]


def test_dispute_sends_the_case_back_and_is_replied_to(made: Installation) -> None:
    notice, sessions = noticed(made).document, made.database.sessions
    row = lookup.answer(
        sessions, notice_id=notice.id, kind=AnswerKind.DISPUTE, text="Tôi đã bán xe", contact="", now=NOON
    )
    assert service.get_case(sessions, case_id=notice.case_id, actor=CHIEF).state is State.CHECK
    assert service.history(sessions, case_id=notice.case_id, actor=CHIEF)[-1].note == "Tôi đã bán xe"
    with pytest.raises(NotPermittedError):
        lookup.reply(
            sessions,
            case_id=notice.case_id,
            answer_id=row.id,
            text="x",
            actor=AUDITOR,
            now=NOON,
        )
    lookup.reply(sessions, case_id=notice.case_id, answer_id=row.id, text="Mang giấy tờ đến", actor=LAN, now=NOON)
    with pytest.raises(IllegalMoveError):
        lookup.reply(sessions, case_id=notice.case_id, answer_id=row.id, text="x", actor=LAN, now=NOON)
    assert lookup.own_case(sessions, notice_id=notice.id).answers[0].reply == "Mang giấy tờ đến"
    assert [a.kind for a in lookup.answers(sessions, case_id=notice.case_id, actor=LAN)] == [AnswerKind.DISPUTE]
    assert faults(made) == []


@pytest.mark.parametrize(
    ("action", "reason", "told"),
    [
        (None, "", lookup.Objection.PENDING),
        (Action.REQUEST_MORE, None, lookup.Objection.PENDING),
        (Action.REJECT, None, lookup.Objection.DROPPED),
        (Action.REMIND, None, lookup.Objection.DROPPED),
        (Action.CONFIRM, "verified", lookup.Objection.RENEWED),
    ],
)
def test_who_objected_is_told_what_became_of_it(
    made: Installation, action: Action | None, reason: str | None, told: lookup.Objection
) -> None:
    notice, sessions = noticed(made).document, made.database.sessions
    assert lookup.own_case(sessions, notice_id=notice.id).objection is lookup.Objection.NONE
    say = {"notice_id": notice.id, "kind": AnswerKind.DISPUTE, "text": "Sai", "contact": "", "now": NOON}
    lookup.answer(sessions, **say)  # type: ignore[arg-type]
    if action is not None:
        life = Walk(made.database, made.case_ids[1], store=made.store)
        life.take(MINH, action, **({"reason": reason} if reason else {}))
    own = lookup.own_case(sessions, notice_id=notice.id)
    assert (own.void, own.state, own.objection) == (True, None, told)


def test_answers_are_bounded(made: Installation) -> None:
    notice, sessions = noticed(made).document, made.database.sessions
    for text in ("", "x" * 4001, "một\0hai"):
        with pytest.raises(BadReasonError):
            lookup.answer(sessions, notice_id=notice.id, kind=AnswerKind.EXPLAIN, text=text, contact="", now=NOON)
    for _ in range(lookup.MOST_ANSWERS):
        lookup.answer(sessions, notice_id=notice.id, kind=AnswerKind.ACCEPT, text="", contact="", now=NOON)
    with pytest.raises(IllegalMoveError):
        lookup.answer(sessions, notice_id=notice.id, kind=AnswerKind.ACCEPT, text="", contact="", now=NOON)


@pytest.mark.parametrize(("table", "change"), [("citizen_reports", "outcome = 'x'"), ("citizen_answers", "text = 'x'"),
                                               ("answer_tasks", "dealing = 'noted'"),
                                               ("notices", "plate = '30K00001'")])  # fmt: skip
def test_altered_rows_are_found_and_named(made: Installation, table: str, change: str) -> None:
    sent(made)
    notice = noticed(made).document
    lookup.answer(made.database.sessions, notice_id=notice.id, kind=AnswerKind.ACCEPT, text="", contact="", now=NOON)
    connection = sqlite3.connect(made.root / "phatnguoi.db", isolation_level=None)
    assert connection.execute(f"UPDATE {table} SET {change}").rowcount == 1
    connection.close()
    assert any(fault.startswith(f"{table} row") for fault in faults(made))

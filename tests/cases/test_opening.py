"""Evidence, then case: once per violation, however often and from wherever it is opened."""

import threading

import pytest
from sqlalchemy import func, select

from cases.chain import chain_faults
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.lifecycle import Action, State
from cases.opening import _free_id, open_case
from cases.records import Case, Decision, OutboxEvent
from detector.types import CaseError
from tests.cases.builders import NETWORK, NOON, opened, scene_of, seal, violation_of


def counts(database: Database) -> tuple[int, int, int]:
    with read_transaction(database.sessions) as session:
        tables = (Case, Decision, OutboxEvent)
        first, second, third = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return first, second, third


def test_case_carries_what_was_judged(database: Database, store: FolderStore) -> None:
    violation = violation_of(cannot_tell=("queue",))
    bundle = seal(store, violation)
    made = open_case(database.sessions, violation=violation, scene=scene_of(), bundle=bundle, network=NETWORK)
    with read_transaction(database.sessions) as session:
        case = session.get_one(Case, made.case_id)
        decision = session.scalars(select(Decision)).one()
        event = session.scalars(select(OutboxEvent)).one()
    assert made.created
    assert (case.kind, case.state, case.version, case.ward) == ("wrong_way", State.NEW, 1, "Hoàn Kiếm")
    assert case.occurred_at == case.queue_at == NOON
    assert case.calendar_known
    assert case.facts["travelled_m"] == 14.2
    assert case.cannot_tell == ["queue"]
    assert (case.evidence_location, case.manifest_sha256) == (bundle.location, bundle.manifest_sha256)
    assert (case.network_name, case.network_sha256) == (NETWORK.name, NETWORK.sha256)
    assert (decision.seq, decision.action, decision.from_state, decision.to_state) == (1, Action.DETECT, None, "NEW")
    assert decision.details["manifest_sha256"] == bundle.manifest_sha256
    assert (event.topic, event.case_id, event.delivered_at) == ("case.opened", made.case_id, None)


def test_opening_twice_opens_one_case(database: Database, store: FolderStore) -> None:
    first, second = opened(database, store), opened(database, store)
    assert (first.created, second.created) == (True, False)
    assert first.case_id == second.case_id
    assert counts(database) == (1, 1, 1)


def test_racing_writers_open_one_case_each_and_one_chain(database: Database, store: FolderStore) -> None:
    gate, made = threading.Barrier(6), []

    def work(number: int) -> None:
        gate.wait(30)
        made.append(opened(database, store, number % 2))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 6
    assert sum(case.created for case in made) == 2
    assert counts(database) == (2, 2, 2)
    with read_transaction(database.sessions) as session:
        assert chain_faults(session, Decision) == []


def test_act_without_calendar_time_says_so(sqlite: Database, store: FolderStore) -> None:
    made = opened(sqlite, store, start_at=None)
    with read_transaction(sqlite.sessions) as session:
        case = session.get_one(Case, made.case_id)
    assert (case.occurred_at, case.calendar_known) == (None, False)
    assert case.queue_at == case.opened_at


def test_another_violations_bundle_is_refused(sqlite: Database, store: FolderStore) -> None:
    bundle = seal(store, violation_of(1))
    with pytest.raises(CaseError, match="is evidence of"):
        open_case(sqlite.sessions, violation=violation_of(2), scene=scene_of(), bundle=bundle, network=NETWORK)
    assert counts(sqlite) == (0, 0, 0)


def test_case_ids_can_be_read_out(sqlite: Database, store: FolderStore) -> None:
    ids = {opened(sqlite, store, number).case_id for number in range(20)}
    assert len(ids) == 20
    for case_id in ids:
        prefix, *groups = case_id.split("-")
        assert prefix == "PN"
        assert [len(group) for group in groups] == [4, 4]
        assert not set("".join(groups)) & set("ILOU")


def test_taken_case_id_grows_longer(sqlite: Database, store: FolderStore) -> None:
    made = opened(sqlite, store)
    with write_transaction(sqlite.sessions) as session:
        case = session.get_one(Case, made.case_id)
        taken = {column.key: getattr(case, column.key) for column in Case.__mapper__.column_attrs}
        other = violation_of(1)
        short = Case(**{**taken, "id": _free_id(session, other.id), "violation_id": "another"})
        session.add(short)
    bundle = seal(store, other)
    longer = open_case(sqlite.sessions, violation=other, scene=scene_of(), bundle=bundle, network=NETWORK).case_id
    assert longer.startswith(short.id + "-")
    assert len(longer) == len(short.id) + 5

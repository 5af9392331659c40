"""Walking a case through its life in tests: who takes which step, with the reasons the table gives."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cases import service
from cases.actor import Actor
from cases.database import Database, read_transaction
from cases.evidence import FolderStore
from cases.lifecycle import MOVES, Action
from cases.openness import openness
from cases.policy import Policy
from cases.records import Case, Due
from cases.roles import REVIEWERS, Role
from tests.cases.builders import NOON, opened
from tests.cases.papers import provide

NEVER = Policy(known_share=0.0, blind_share=0.0)
"""No second looks, so that a test decides alone what happens."""
HOA = Actor(name="hoa", role=Role.HANDLER)
KY = Actor(name="ky", role=Role.SIGNER, title="station_chief")
PHUONG = Actor(name="phuong", role=Role.SIGNER, title="commune_police_chief", wards=("Hoàn Kiếm",))
DIRECTOR = Actor(name="giam-doc", role=Role.SIGNER, title="city_director")


@dataclass
class Walk:
    """One case; `now` moves with every step, over the time that the law has it wait too unless it is `hasty`, and the
    paper that a step rests on is laid down before it.
    """

    database: Database
    case_id: str
    policy: Policy = NEVER
    now: datetime = field(default=NOON + timedelta(hours=1))
    papers: bool = True
    store: FolderStore | None = None
    hasty: bool = False

    def case(self) -> Case:
        """The case as an overseer sees it."""
        return service.get_case(self.database.sessions, case_id=self.case_id, actor=Actor(name="a", role=Role.AUDITOR))

    def take(self, actor: Actor, action: Action, **choice: Any) -> Case:
        """Claim where needed and act; the reason defaults to the first of the table."""
        reason = choice.pop("reason", MOVES[action].reasons[0])
        if MOVES[action].needs_claim and actor.role in REVIEWERS:
            self.claim(actor)
        if not self.hasty:
            self.wait_for(action)
        if self.papers:
            provide(self.database, self.case_id, action, reason, now=self.now, store=self.store)
        made = service.Choice(action=action, reason=reason, note=choice.pop("note", "ghi rõ"), **choice)
        case = service.carry_out(
            self.database.sessions,
            case_id=self.case_id,
            actor=actor,
            choice=made,
            expected_version=self.case().version,
            now=self.now,
            policy=self.policy,
        )
        self.now += timedelta(minutes=1)
        return case

    def claim(self, actor: Actor) -> Case:
        """Claim for fifteen minutes."""
        return service.claim(self.database.sessions, case_id=self.case_id, actor=actor, now=self.now, lease_s=900)

    def undo(self, actor: Actor, *, after_s: float = 5.0) -> Case:
        """Undo so many seconds after the last step."""
        return service.undo(
            self.database.sessions,
            case_id=self.case_id,
            actor=actor,
            expected_version=self.case().version,
            now=self.now - timedelta(minutes=1) + timedelta(seconds=after_s),
            lease_s=900,
            policy=self.policy,
        )

    def open_to(self, actor: Actor) -> tuple[Action, ...]:
        """What the account may do now."""
        return openness(self.database.sessions, self.case(), actor, now=self.now).actions

    def wait_for(self, action: Action) -> None:
        """Let the time go by that must pass before an action."""
        code = MOVES[action].after
        with read_transaction(self.database.sessions) as session:
            mine = Due.case_id == self.case_id, Due.code == code, Due.running
            self.now = max([self.now, *session.scalars(select(Due.due_at).where(*mine))])

    def provide(self, action: Action) -> None:
        """Lay down the paper that an action rests on."""
        provide(self.database, self.case_id, action, MOVES[action].reasons[0], now=self.now, store=self.store)


def walk(database: Database, store: FolderStore, **fields: object) -> Walk:
    """A fresh case to walk."""
    return Walk(database, opened(database, store, **fields).case_id)  # type: ignore[arg-type]

"""Named campaigns (đợt cao điểm): date ranges a commander saves for reports."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction, write_transaction
from cases.faults import NameTakenError, NotFoundError
from cases.records import Campaign
from cases.reports.period import period_of
from cases.roles import READERS, Role

KEEPERS = frozenset({Role.COMMANDER})


def campaigns(sessions: sessionmaker[Session], *, actor: Actor) -> list[Campaign]:
    """All campaigns, latest first."""
    actor.require(READERS, "campaigns")
    with read_transaction(sessions) as session:
        return list(session.scalars(select(Campaign).order_by(Campaign.first_day.desc(), Campaign.name)))


def save_campaign(
    sessions: sessionmaker[Session], *, actor: Actor, name: str, first: date, last: date, now: datetime
) -> Campaign:
    """Keep a date range under a name.

    Raises:
        BadQueryError: the range is none. NameTakenError: the name is taken.
    """
    actor.require(KEEPERS, "saving a campaign")
    period = period_of(first, last)
    row = Campaign(name=name, first_day=period.first, last_day=period.last, created_by=actor.name, created_at=now)
    try:
        with write_transaction(sessions) as session:
            session.add(row)
    except IntegrityError as error:
        raise NameTakenError(f"campaign {name!r}: the name is taken; remove the old one first") from error
    return row


def drop_campaign(sessions: sessionmaker[Session], *, actor: Actor, name: str) -> None:
    """Remove a campaign's name; no case changes.

    Raises:
        NotFoundError: there is none of that name.
    """
    actor.require(KEEPERS, "removing a campaign")
    with write_transaction(sessions) as session:
        row = session.get(Campaign, name, with_for_update=True)
        if row is None:
            raise NotFoundError(f"campaign {name!r}: there is none of this name")
        session.delete(row)

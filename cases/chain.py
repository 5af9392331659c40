"""Append-only logs whose rows hash the row before: adding a row, and finding what was altered.

A row's hash covers all its columns but `hash` itself. `append` must run inside `write_transaction`.
"""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.canonical import sha256_of, utc_text
from cases.records import Access, ChainHead, Decision

Link = Decision | Access
LinkT = TypeVar("LinkT", Decision, Access)
START = "0" * 64


def append(session: Session, link: Link) -> None:
    """Number, chain and add a row; the log's head stays locked until the transaction ends."""
    head = session.get_one(ChainHead, type(link).__tablename__, with_for_update=True, populate_existing=True)
    link.seq, link.previous_hash = head.seq + 1, head.hash
    link.hash = link_hash(link)
    head.seq, head.hash = link.seq, link.hash
    session.add(link)


def link_hash(link: Link) -> str:
    """SHA-256 of a row's columns without `hash`."""
    content = {column.key: getattr(link, column.key) for column in type(link).__mapper__.column_attrs}
    del content["hash"]
    return sha256_of({key: utc_text(item) if isinstance(item, datetime) else item for key, item in content.items()})


def chain_faults(session: Session, log: type[LinkT]) -> list[str]:
    """What is wrong with a log, one sentence per fault, each naming the row; empty when it is whole."""
    faults, seq, previous = [], 0, START
    rows = session.scalars(select(log).order_by(log.seq).execution_options(yield_per=1000))
    for link in rows:
        seq += 1
        where = f"{log.__tablename__} row {link.seq} (case {link.case_id})"
        if link.seq != seq:
            faults.append(f"{where}: expected row {seq}; rows were removed or added")
            seq = link.seq
        elif link.previous_hash != previous:
            faults.append(f"{where}: does not follow from the row before it")
        if link_hash(link) != link.hash:
            faults.append(f"{where}: its content does not match its hash")
        previous = link.hash
    head = session.get_one(ChainHead, log.__tablename__)
    if (head.seq, head.hash) != (seq, previous):
        faults.append(f"{log.__tablename__}: ends at row {seq} but row {head.seq} was written; rows were removed")
    return faults

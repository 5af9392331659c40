"""The law as a dated table: offences with ranges, points and powers; which applies; how it is changed."""

from cases.law.changes import current_table
from cases.law.selection import Proposal, amount_fault, candidates, propose, signers_of, stamp, unit_for
from cases.law.table import LawTable, Offence, Title, seed_table

__all__ = [
    "LawTable",
    "Offence",
    "Proposal",
    "Title",
    "amount_fault",
    "candidates",
    "current_table",
    "propose",
    "seed_table",
    "signers_of",
    "stamp",
    "unit_for",
]

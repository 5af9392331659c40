"""Who works with the product: the seven roles, and the groups of them that the tables name."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may do; an administrator keeps accounts and law, never reviews; an auditor only reads."""

    OPERATOR = "operator"
    OFFICER = "officer"
    HANDLER = "handler"
    COMMANDER = "commander"
    SIGNER = "signer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


REVIEWERS = frozenset({Role.OFFICER, Role.HANDLER, Role.COMMANDER})
"""Who judges whether there was a violation."""
HANDLERS = frozenset({Role.HANDLER, Role.COMMANDER})
"""Who carries a confirmed case on: owner, notice, record, decision, payment."""
SIGNERS = frozenset({Role.SIGNER})
"""Who signs, within the power of the account's title."""
DECIDERS = REVIEWERS | SIGNERS
"""Whoever moves cases at all."""
READERS = frozenset(Role) - {Role.ADMINISTRATOR}
"""Who may see cases and evidence; an administrator keeps accounts and has no need to."""
DRAWERS = frozenset({Role.OPERATOR, Role.COMMANDER})
"""Who draws scenes of cameras and puts another's drawing in force."""
OVERSEERS = frozenset({Role.COMMANDER, Role.AUDITOR})
"""Who may see who did and read what."""
EVERYONE = frozenset(Role)

"""Who acts: name, role and the wards the account is confined to. Every service takes one."""

from dataclasses import dataclass

from cases.faults import NotPermittedError
from cases.roles import Role

SYSTEM = "system"
"""Whom the logs name for what no account did: the machine, its clocks and its command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account as the services see it; empty `wards` means all wards, `title` is the office it signs in."""

    name: str
    role: Role
    wards: tuple[str, ...] = ()
    title: str | None = None

    def sees(self, ward: str) -> bool:
        """Whether cases of that ward are this account's business."""
        return not self.wards or ward in self.wards

    def require(self, roles: frozenset[Role], what: str) -> None:
        """Go on only with one of the roles.

        Raises:
            NotPermittedError: another role; the text names what was refused.
        """
        if self.role not in roles:
            raise NotPermittedError(f"{what}: a {self.role} may not; needs one of {', '.join(sorted(roles))}")

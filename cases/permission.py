"""Asking the life cycle: what a role may do to a case in a state, and refusing everything else with the reason.

The table itself, with states, actions, reasons and deadlines, is `cases.lifecycle`.
"""

from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError
from cases.lifecycle import MOVES, Action, Move, State, Track
from cases.roles import Role


def allowed_actions(
    *, state: State, role: Role, reminder_only: bool, track: Track = Track.DEVICE
) -> tuple[Action, ...]:
    """What an account of that role may do to a case in that state, in the table's order."""
    return tuple(
        move.action
        for move in MOVES.values()
        if state in move.starts_in(track) and role in move.roles and (move.reminder_only_too or not reminder_only)
    )


def permit(
    *,
    state: State,
    role: Role,
    reminder_only: bool,
    action: Action,
    reason: str,
    note: str,
    track: Track = Track.DEVICE,
) -> Move:
    """The row of the table that allows an action.

    Raises:
        NotPermittedError: this role may not take it.
        IllegalMoveError: it is not open in this state, or not for a reminder-only case.
        BadReasonError: the reason is not one of the action's, or the note it needs is missing.
    """
    move = MOVES.get(action)
    allowed = allowed_actions(state=state, role=role, reminder_only=reminder_only, track=track)
    open_ones = ", ".join(allowed) or "nothing"
    if move is None or state not in move.starts_in(track):
        raise IllegalMoveError(f"action {action}: not allowed in state {state}; allowed to a {role}: {open_ones}")
    if role not in move.roles:
        raise NotPermittedError(f"action {action}: a {role} may not take it; allowed to a {role}: {open_ones}")
    if reminder_only and not move.reminder_only_too:
        raise IllegalMoveError(
            f"action {action}: this case can only end in a reminder (the warning period ran); allowed: {open_ones}"
        )
    check_reason(move, reason, note)
    return move


def check_reason(move: Move, reason: str, note: str) -> None:
    """Go on only with a reason of the action, and a note where one is needed.

    Raises:
        BadReasonError: says which reasons there are, or that the note is missing.
    """
    if reason not in move.reasons:
        expected = ", ".join(move.reasons)
        told = f"reason {reason!r}: not a reason for {move.action}; expected one of {expected}"
        raise BadReasonError(told, why="reason", allowed=move.reasons)
    if (move.needs_note or reason == "other") and not note.strip():
        raise BadReasonError(f"note: {move.action} for the reason {reason!r} needs a note in words", why="note")

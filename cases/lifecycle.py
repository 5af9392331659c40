"""The life of a case as one table: states, actions, who may, from where to where, for which reasons.

Everything else reads this table: the services refuse what it does not allow, the API publishes it, the console
draws its buttons from it. Codes and words of the states follow the police's own vocabulary.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.faults import BadReasonError, IllegalMoveError, NotPermittedError


class State(StrEnum):
    """Where a case stands."""

    NEW = "NEW"
    CHECK = "CHECK"
    MORE = "MORE"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    DUP = "DUP"
    REMIND = "REMIND"


class Action(StrEnum):
    """What may be done to a case."""

    DETECT = "detect"
    CONFIRM = "confirm"
    REJECT = "reject"
    REMIND = "remind"
    CHECK = "check"
    REQUEST_MORE = "request_more"
    MARK_DUPLICATE = "mark_duplicate"
    REOPEN = "reopen"


class Role(StrEnum):
    """What an account may do; an administrator keeps accounts and never reviews, an auditor only reads."""

    OFFICER = "officer"
    COMMANDER = "commander"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Words:
    """One meaning in Vietnamese and English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table: an action, who may take it, from which states, to which, for which reasons."""

    action: Action
    words: Words
    roles: frozenset[Role]
    from_states: frozenset[State]
    to_state: State
    reasons: tuple[str, ...]
    needs_note: bool = False
    reminder_only_too: bool = True
    """Whether it is open for a case that may end in a reminder but not in a sanction."""


STATES: dict[State, Words] = {
    State.NEW: Words("Mới phát hiện, chờ duyệt", "Detected, pending review"),
    State.CHECK: Words("Đang xác minh", "Verifying"),
    State.MORE: Words("Yêu cầu bổ sung chứng cứ", "More evidence requested"),
    State.CONFIRMED: Words("Xác nhận vi phạm", "Violation confirmed"),
    State.REJECTED: Words("Bác bỏ", "Rejected"),
    State.DUP: Words("Trùng lặp", "Duplicate"),
    State.REMIND: Words("Nhắc nhở", "Reminder, no sanction"),
}

REASONS: dict[str, Words] = {
    "evidence_sufficient": Words(
        "Hình ảnh cho thấy rõ hành vi vi phạm và phương tiện.", "The pictures show the act and the vehicle clearly."
    ),
    "verified": Words("Đã xác minh, đủ căn cứ.", "Verified, the grounds are sufficient."),
    "no_violation": Words("Không có hành vi vi phạm.", "There was no violation."),
    "insufficient_grounds": Words("Không đủ căn cứ.", "The grounds are insufficient."),
    "wrong_vehicle": Words(
        "Phương tiện được đánh dấu không phải phương tiện vi phạm.", "The marked vehicle is not the one that did it."
    ),
    "priority_vehicle": Words("Xe ưu tiên đang làm nhiệm vụ.", "A priority vehicle on duty."),
    "controller_directed": Words(
        "Theo hiệu lệnh của người điều khiển giao thông.", "Directed by a traffic controller."
    ),
    "permit": Words("Có giấy phép còn hiệu lực.", "A valid permit covers it."),
    "diversion": Words(
        "Phân luồng tạm thời (ngập úng, sự cố, thi công).", "A temporary diversion (flood, incident, road works)."
    ),
    "loading_hours": Words("Trong giờ được phép dừng, xếp dỡ hàng.", "Within the hours for stopping and loading."),
    "queue_or_jam": Words("Dừng chờ đèn hoặc do ùn tắc.", "Standing at a light or in a jam."),
    "technical_fault": Words(
        "Lỗi kỹ thuật: camera, nhận dạng hoặc sơ đồ vùng.", "A technical fault: camera, detection or zone drawing."
    ),
    "warning_period": Words("Đang trong thời gian nhắc nhở.", "The warning period is running."),
    "minor": Words("Hành vi nhẹ, nhắc nhở là đủ.", "A minor act, a reminder is enough."),
    "offender_unknown": Words(
        "Không xác định được người vi phạm qua camera.", "The offender cannot be identified by camera."
    ),
    "owner_or_plate": Words("Xác minh biển số, chủ phương tiện.", "Plate or owner to be verified."),
    "on_site": Words("Cử lực lượng kiểm tra tại chỗ.", "A patrol is sent to the place."),
    "evidence_received": Words("Đã nhận bổ sung chứng cứ.", "The requested evidence has arrived."),
    "plate_unreadable": Words("Không đọc được biển số.", "The plate cannot be read."),
    "sign_not_visible": Words("Không thấy biển báo, vạch kẻ.", "The sign or marking cannot be seen."),
    "act_not_visible": Words("Chưa thấy rõ hành vi.", "The act cannot be seen clearly."),
    "time_doubtful": Words("Thời gian ghi hình chưa chắc chắn.", "The time of the recording is in doubt."),
    "same_act": Words("Cùng một hành vi với hồ sơ khác.", "The same act as in another case."),
    "decided_in_error": Words("Quyết định trước có sai sót.", "The earlier decision was wrong."),
    "new_evidence": Words("Có chứng cứ mới.", "There is new evidence."),
    "other": Words("Lý do khác (ghi rõ).", "Another reason (to be written down)."),
}

REVIEWERS = frozenset({Role.OFFICER, Role.COMMANDER})
"""Who decides cases."""
READERS = frozenset({Role.OFFICER, Role.COMMANDER, Role.AUDITOR})
"""Who may see cases and evidence; an administrator keeps accounts and has no need to."""
OVERSEERS = frozenset({Role.COMMANDER, Role.AUDITOR})
"""Who may see the access log."""
_OPEN = frozenset({State.NEW, State.CHECK, State.MORE})
ENDED = frozenset({State.CONFIRMED, State.REJECTED, State.DUP, State.REMIND})
"""States in which the review is over; only a commander reopens."""

MOVES: dict[Action, Move] = {
    move.action: move
    for move in (
        Move(
            action=Action.CONFIRM,
            words=Words("Xác nhận vi phạm", "Confirm the violation"),
            roles=REVIEWERS,
            from_states=_OPEN,
            to_state=State.CONFIRMED,
            reasons=("evidence_sufficient", "verified"),
            reminder_only_too=False,
        ),
        Move(
            action=Action.REJECT,
            words=Words("Bác bỏ", "Reject"),
            roles=REVIEWERS,
            from_states=_OPEN,
            to_state=State.REJECTED,
            reasons=(
                "no_violation",
                "insufficient_grounds",
                "wrong_vehicle",
                "queue_or_jam",
                "priority_vehicle",
                "controller_directed",
                "permit",
                "loading_hours",
                "diversion",
                "technical_fault",
                "other",
            ),
        ),
        Move(
            action=Action.REMIND,
            words=Words("Nhắc nhở", "Remind only"),
            roles=REVIEWERS,
            from_states=_OPEN,
            to_state=State.REMIND,
            reasons=("warning_period", "minor", "offender_unknown", "other"),
        ),
        Move(
            action=Action.CHECK,
            words=Words("Chuyển xác minh", "Send to verification"),
            roles=REVIEWERS,
            from_states=frozenset({State.NEW, State.MORE}),
            to_state=State.CHECK,
            reasons=("owner_or_plate", "on_site", "evidence_received", "other"),
        ),
        Move(
            action=Action.REQUEST_MORE,
            words=Words("Yêu cầu bổ sung chứng cứ", "Request more evidence"),
            roles=REVIEWERS,
            from_states=frozenset({State.NEW, State.CHECK}),
            to_state=State.MORE,
            reasons=("plate_unreadable", "sign_not_visible", "act_not_visible", "time_doubtful", "other"),
        ),
        Move(
            action=Action.MARK_DUPLICATE,
            words=Words("Đánh dấu trùng lặp", "Mark as duplicate"),
            roles=REVIEWERS,
            from_states=_OPEN,
            to_state=State.DUP,
            reasons=("same_act",),
        ),
        Move(
            action=Action.REOPEN,
            words=Words("Mở lại hồ sơ", "Reopen the case"),
            roles=frozenset({Role.COMMANDER}),
            from_states=ENDED,
            to_state=State.CHECK,
            reasons=("decided_in_error", "new_evidence"),
            needs_note=True,
        ),
    )
}


def allowed_actions(*, state: State, role: Role, reminder_only: bool) -> tuple[Action, ...]:
    """What an account of that role may do to a case in that state, in the table's order."""
    return tuple(
        move.action
        for move in MOVES.values()
        if state in move.from_states and role in move.roles and (move.reminder_only_too or not reminder_only)
    )


def permit(*, state: State, role: Role, reminder_only: bool, action: Action, reason: str, note: str) -> Move:
    """The row of the table that allows an action.

    Raises:
        NotPermittedError: this role may not take it.
        IllegalMoveError: it is not open in this state, or not for a reminder-only case.
        BadReasonError: the reason is not one of the action's, or the note it needs is missing.
    """
    move = MOVES.get(action)
    open_ones = ", ".join(allowed_actions(state=state, role=role, reminder_only=reminder_only)) or "nothing"
    if move is None or state not in move.from_states:
        raise IllegalMoveError(f"action {action}: not allowed in state {state}; allowed to a {role}: {open_ones}")
    if role not in move.roles:
        raise NotPermittedError(f"action {action}: a {role} may not take it; allowed to a {role}: {open_ones}")
    if reminder_only and not move.reminder_only_too:
        raise IllegalMoveError(
            f"action {action}: this case can only end in a reminder (the warning period ran); allowed: {open_ones}"
        )
    if reason not in move.reasons:
        raise BadReasonError(f"reason {reason!r}: not a reason for {action}; expected one of {', '.join(move.reasons)}")
    if (move.needs_note or reason == "other") and not note.strip():
        raise BadReasonError(f"note: {action} for the reason {reason!r} needs a note in words")
    return move

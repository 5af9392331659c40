"""Where a case may stand, what may be done to it, and on which of the two tracks it runs: the names of the life cycle.

The table that joins them is `cases.lifecycle`; states follow the police's own words.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    NEW = "NEW"
    CHECK = "CHECK"
    MORE = "MORE"
    SECOND = "SECOND"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    DUP = "DUP"
    REMIND = "REMIND"
    OWNER = "OWNER"
    NOTICED = "NOTICED"
    NORESP = "NORESP"
    MOVED = "MOVED"
    WARNED = "WARNED"
    RECORD = "RECORD"
    EXPLAIN = "EXPLAIN"
    TOSIGN = "TOSIGN"
    SIGNED = "SIGNED"
    DECIDED = "DECIDED"
    SERVED = "SERVED"
    PAID = "PAID"
    FORCE = "FORCE"
    APPEAL = "APPEAL"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


class Action(StrEnum):
    """What may be done to a case."""

    DETECT = "detect"
    CONFIRM = "confirm"
    REJECT = "reject"
    REMIND = "remind"
    CHECK = "check"
    REQUEST_MORE = "request_more"
    CANNOT_TELL = "cannot_tell"
    MARK_DUPLICATE = "mark_duplicate"
    AMEND = "amend"
    UNDO = "undo"
    REOPEN = "reopen"
    SEEK_OWNER = "seek_owner"
    SEND_NOTICE = "send_notice"
    NO_RESPONSE = "no_response"
    TRANSFER = "transfer"
    PLACE_WARNING = "place_warning"
    IDENTIFY = "identify"
    OBJECT = "object"
    MAKE_RECORD = "make_record"
    AWAIT_EXPLANATION = "await_explanation"
    EXTEND = "extend"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    SIGN = "sign"
    ISSUE = "issue"
    SERVE = "serve"
    PAY = "pay"
    ENFORCE = "enforce"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    ANNUL = "annul"
    EXPIRE = "expire"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    LIFT_WARNING = "lift_warning"


class Track(StrEnum):
    """Approved police devices, or community cameras and citizens' reports, whose word must be verified first."""

    DEVICE = "device"
    CITIZEN = "citizen"


def track_of(source_kind: str) -> Track:
    """The track of a camera's `source`: device, community or citizen."""
    return Track.DEVICE if source_kind == "device" else Track.CITIZEN


FORMS: dict[Track, dict[str, str]] = {
    Track.DEVICE: {"notice": "Mẫu 01/73", "transfer": "Mẫu 03/73", "warning": "Mẫu 04/73"},
    Track.CITIZEN: {"register": "Mẫu 05/73", "notice": "Mẫu 06/73", "warning": "Mẫu 04/73"},
}
"""Forms of TT73/2024 (01 to 05 as replaced by TT13/2025) that each track uses."""

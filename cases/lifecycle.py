"""The life of a case as one table: states, actions, who may, for which reasons, and which deadlines run meanwhile.

Everything else reads this table: the services refuse what it does not allow, `cases.deadlines` runs its clocks, the API
publishes it, the console draws its buttons from it. Names are those of `cases.states`; sources name the clause.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from cases.roles import DECIDERS, HANDLERS, OVERSEERS, READERS, REVIEWERS, SIGNERS, Role
from cases.states import FORMS, Action, State, Track, track_of
from cases.wording import ACTION_WORDS, BY_HAND, REASONS, STATE_WORDS, WRONG, Words

__all__ = ["DECIDERS", "FORMS", "HANDLERS", "OVERSEERS", "READERS", "REASONS", "REVIEWERS", "SIGNERS", "Action", "Role",
           "State", "Track", "Words", "track_of"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The paper a move rests on: issued, not void, bearing the plate that officers established.

    Attributes:
        paper: its kind, of `cases.records.DocumentKind`.
        signed: it bears a digital signature; a decision that of who signed its case.
        by_hand: reasons that say it was signed in ink, and ask for no digital signature.
        sent: it is the one that was sent, not one issued since.
        stands: a decision that was taken: neither its plate nor what earlier software did without a paper is asked for.
    """

    paper: Literal["notice", "record", "decision"]
    signed: bool = False
    by_hand: tuple[str, ...] = ()
    sent: bool = False
    stands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table: an action, who may take it, from which states, to which, for which reasons.

    Attributes:
        to_state: None when the case stays where it is, or goes back.
        goes_back: to where the case would stand without its state, as an upheld decision does after an appeal.
        stays_in: states that the step is taken beneath: it counts, and shows once the case goes back.
        citizen_from: takes the place of `from_states` on the citizen track.
        reminder_only_too: open for a case that may end in a reminder but not in a sanction.
        needs_claim: only who holds the case may take it.
        by_system: the passing of time may take it too.
        undoable: may be taken back within the undo time by who took it.
        another_officer: in state SECOND not for who acted last; signing not for who confirmed.
        rests_on: the paper without which it is refused (`cases.notice.ground`).
        after: the clock that must have run out first (`cases.waiting`).
        answers_first: refused while an owner's answer waits to be dealt with.
        instead: where it leads from a state for a reason, in place of `to_state`.
        lifted_first: refused while a warning stands at the registries; `lifts`: open only then.
    """

    action: Action
    roles: frozenset[Role]
    from_states: frozenset[State]
    to_state: State | None
    reasons: tuple[str, ...]
    citizen_from: frozenset[State] | None = None
    needs_note: bool = False
    reminder_only_too: bool = True
    needs_claim: bool = False
    by_system: bool = False
    undoable: bool = False
    another_officer: bool = False
    goes_back: bool = False
    stays_in: frozenset[State] = frozenset()
    rests_on: Ground | None = None
    after: str | None = None
    answers_first: bool = False
    instead: tuple[tuple[State, str, State], ...] = ()
    lifted_first: bool = False
    lifts: bool = False

    @property
    def words(self) -> Words:
        """The action in words."""
        return ACTION_WORDS[self.action]

    def starts_in(self, track: Track) -> frozenset[State]:
        """The states it may be taken in."""
        return self.citizen_from if track is Track.CITIZEN and self.citizen_from is not None else self.from_states

    def leads_to(self, state: State, reason: str) -> State | None:
        """Where it leads from a state; None when the case stays there, or goes back."""
        return next((to for at, why, to in self.instead if (at, why) == (state, reason)), self.to_state)


S, A = State, Action
NO_JUDGEMENT = frozenset({A.AMEND, A.LIFT_WARNING})
"""What may be done to a case without judging the violation: who did it is not the last who looked at it."""
APPEALABLE = frozenset({S.DECIDED, S.SERVED, S.FORCE, S.PAID})
"""States in which a decision stands that may be complained of."""
STATES: dict[State, Words] = {state: STATE_WORDS[state] for state in State}
_OPEN = frozenset({S.NEW, S.CHECK, S.MORE})
REVIEWING = _OPEN | {S.SECOND}
"""States in which officers judge; their moves need a claim and can be undone."""
ENDED = frozenset({S.CONFIRMED, S.REJECTED, S.DUP, S.REMIND})
"""States in which the review is over; only a commander reopens."""
_NOTIFIED = frozenset({S.NOTICED, S.NORESP, S.WARNED})
_UNDECIDED = REVIEWING | _NOTIFIED | {S.CONFIRMED, S.OWNER, S.MOVED, S.RECORD, S.EXPLAIN, S.TOSIGN, S.SIGNED}
_EXECUTING = frozenset({S.SERVED, S.FORCE})
_APPEALED = frozenset({S.APPEAL})
"""A complaint does not stay execution by itself: a decision is served, paid and enforced beneath it."""
_DOUBTS = ("plate_unreadable", "sign_not_visible", "act_not_visible", "time_doubtful", "other")
_EXEMPT = ("priority_vehicle", "controller_directed", "permit", "loading_hours", "diversion")
_AMENDED = ("no_circumstance", "mitigating_one", "mitigating_more", "aggravating_one", "aggravating_more",
            "other_clause")  # fmt: skip
_RUNS_ON = {S.WARNED: S.NORESP, S.EXPLAIN: S.RECORD}
"""Where something outside the house runs on a paper (a warning at the registries, an offender's days to explain), and
where a case stands once that paper is taken back: nothing runs on upon a void one.
"""
_LIFTED = ("resolved", "ground_gone", "warning_wrong")
_RECORD = Ground(paper="record", signed=True, by_hand=("on_paper",))
_EXPLAINED_IN_INK = ("written_on_paper", "oral_on_paper")
_TAKEN = Ground(paper="decision", stands=True)
_SERVED = Ground(paper="decision", signed=True, by_hand=("by_hand", "by_post", "posted_publicly"), stands=True)


def _review(action: Action, to_state: State, reasons: tuple[str, ...], **how: object) -> Move:
    fixed = {"roles": REVIEWERS, "from_states": REVIEWING, "needs_claim": True, "undoable": True, **how}
    return Move(action=action, to_state=to_state, reasons=reasons, another_officer=True, **fixed)  # type: ignore[arg-type]


def _handle(action: Action, states: set[State] | frozenset[State], to_state: State | None, *why: str,
            roles: frozenset[Role] = HANDLERS, **how: object) -> Move:  # fmt: skip
    return Move(action=action, roles=roles, from_states=frozenset(states), to_state=to_state, reasons=why, **how)  # type: ignore[arg-type]


_TABLE = (
    _review(A.CONFIRM, S.CONFIRMED, ("evidence_sufficient", "verified"), reminder_only_too=False,
            citizen_from=REVIEWING - {S.NEW}),
    _review(A.REJECT, S.REJECTED, ("no_violation", "insufficient_grounds", "wrong_vehicle", "queue_or_jam", *_EXEMPT,
                                   "technical_fault", "other")),
    _review(A.REMIND, S.REMIND, ("warning_period", "minor", "offender_unknown", "other")),
    _review(A.CHECK, S.CHECK, ("owner_or_plate", "on_site", "evidence_received", "other"),
            from_states=REVIEWING - {S.CHECK}),
    _review(A.REQUEST_MORE, S.MORE, _DOUBTS, from_states=REVIEWING - {S.MORE}),
    _review(A.CANNOT_TELL, S.SECOND, _DOUBTS, from_states=_OPEN),
    _review(A.MARK_DUPLICATE, S.DUP, ("same_act",)),
    _handle(A.AMEND, REVIEWING | _NOTIFIED | {S.CONFIRMED, S.OWNER, S.MOVED, S.RECORD, S.EXPLAIN}, None,
            *_AMENDED, roles=REVIEWERS, reminder_only_too=False,
            instead=tuple((at, why, to) for at, to in _RUNS_ON.items() for why in _AMENDED)),
    _handle(A.REOPEN, ENDED, S.CHECK, "decided_in_error", "new_evidence", roles=frozenset({Role.COMMANDER}),
            needs_note=True, needs_claim=True),
    _handle(A.SEEK_OWNER, {S.CONFIRMED}, S.OWNER, "owner_unknown"),
    _handle(A.SEND_NOTICE, {S.CONFIRMED, S.OWNER, S.NOTICED, S.NORESP, S.MOVED}, S.NOTICED, "owner_known",
            "reminder_sent", BY_HAND, rests_on=Ground(paper="notice", signed=True, by_hand=(BY_HAND,))),
    _handle(A.NO_RESPONSE, {S.NOTICED}, S.NORESP, "deadline_passed", by_system=True,
            rests_on=Ground(paper="notice", sent=True), after="response", answers_first=True),
    _handle(A.TRANSFER, _NOTIFIED | {S.CONFIRMED, S.OWNER, S.RECORD}, S.MOVED, "lives_elsewhere", "beyond_power"),
    _handle(A.PLACE_WARNING, {S.NORESP}, S.WARNED, "owner_absent", rests_on=Ground(paper="notice", sent=True),
            answers_first=True, lifted_first=True),
    _handle(A.IDENTIFY, _NOTIFIED | {S.OWNER, S.MOVED}, None, "owner_came", "driver_named", "returned_result"),
    _handle(A.OBJECT, _NOTIFIED | {S.CONFIRMED, S.OWNER, S.MOVED, S.RECORD, S.EXPLAIN}, S.CHECK, "dispute",
            "vehicle_sold", "decided_in_error", needs_note=True, by_system=True),
    _handle(A.MAKE_RECORD, _NOTIFIED | {S.OWNER, S.MOVED}, S.RECORD, "electronic", "on_paper",
            rests_on=_RECORD),
    _handle(A.AWAIT_EXPLANATION, {S.RECORD}, S.EXPLAIN, "written", "oral", *_EXPLAINED_IN_INK,
            rests_on=Ground(paper="record", signed=True, by_hand=_EXPLAINED_IN_INK)),
    _handle(A.EXTEND, {S.RECORD, S.EXPLAIN, S.TOSIGN}, None, "complex", roles=frozenset({Role.COMMANDER}),
            needs_note=True),
    _handle(A.SUBMIT, {S.RECORD, S.EXPLAIN}, S.TOSIGN, "complete", "explained", "on_paper", rests_on=_RECORD),
    _handle(A.SEND_BACK, {S.TOSIGN, S.SIGNED}, S.RECORD, "file_incomplete", "wrong_clause", "beyond_power", "other",
            roles=SIGNERS | {Role.COMMANDER}),
    _handle(A.SIGN, {S.TOSIGN}, S.SIGNED, "lawful", roles=SIGNERS, another_officer=True,
            rests_on=Ground(paper="decision")),
    _handle(A.ISSUE, {S.SIGNED}, S.DECIDED, "numbered", BY_HAND,
            rests_on=Ground(paper="decision", signed=True, by_hand=(BY_HAND,))),
    _handle(A.SERVE, _APPEALED | {S.DECIDED}, S.SERVED, "by_hand", "by_post", "electronically", "posted_publicly",
            stays_in=_APPEALED, rests_on=_SERVED),
    _handle(A.PAY, _APPEALED | _EXECUTING | {S.DECIDED}, S.PAID, "paid_online", "paid_in_person", by_system=True,
            stays_in=_APPEALED, rests_on=_TAKEN),
    _handle(A.ENFORCE, _APPEALED | {S.SERVED}, S.FORCE, "not_paid", stays_in=_APPEALED, rests_on=_TAKEN,
            after="comply"),
    _handle(A.APPEAL, APPEALABLE, S.APPEAL, "complaint", "lawsuit", by_system=True),
    _handle(A.UPHOLD, {S.APPEAL}, None, "upheld", roles=frozenset({Role.COMMANDER}), needs_note=True, goes_back=True),
    _handle(A.ANNUL, {S.APPEAL}, S.CLOSED, "annulled", roles=frozenset({Role.COMMANDER}), needs_note=True),
    _handle(A.EXPIRE, _UNDECIDED, S.EXPIRED, "time_barred", roles=frozenset(), by_system=True),
    _handle(A.CLOSE, {S.REJECTED, S.DUP, S.REMIND, S.PAID, S.EXPIRED}, S.CLOSED, "finished", lifted_first=True),
    _handle(A.WITHDRAW, _NOTIFIED | {S.CONFIRMED, S.OWNER, S.MOVED, S.RECORD, S.EXPLAIN, S.TOSIGN}, None,
            *(f"{WRONG}{kind}" for kind in ("notice", "record", "result", "decision")), needs_note=True,
            instead=((S.WARNED, f"{WRONG}notice", _RUNS_ON[S.WARNED]),
                     (S.EXPLAIN, f"{WRONG}record", _RUNS_ON[S.EXPLAIN]), (S.TOSIGN, f"{WRONG}record", S.RECORD))),
    _handle(A.LIFT_WARNING, set(S) - {S.NEW, S.SECOND}, None, *_LIFTED, needs_note=True, lifts=True,
            instead=tuple((S.WARNED, why, _RUNS_ON[S.WARNED]) for why in _LIFTED)),
)  # fmt: skip
MOVES: dict[Action, Move] = {move.action: move for move in _TABLE}


class Count(StrEnum):
    """What a deadline counts."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One clock: what starts it, in which states it runs, how long, and what its end brings.

    Attributes:
        starts: the action that starts it; None starts it with the case's first state of `runs_in`.
        counts_from: the move that started it, the act itself, or the case's opening (its detection).
        reasons: only an action for one of these reasons starts it; empty means any.
        replaces: the clock it takes over, counted from that one's start.
        warn_days: how many days before its end it is shown as pressing.
        expiry: what the system does when it has run out; None only shows it.
        binding: False for a target inside the legal limit.
        warned: runs only while a warning stands at the registries that should not (`cases.warning`).
    """

    code: str
    words: Words
    starts: Action | None
    runs_in: frozenset[State]
    length: int
    count: Count
    source: str
    counts_from: Literal["start", "act", "opening"] = "start"
    reasons: tuple[str, ...] = ()
    replaces: str | None = None
    warn_days: int = 1
    expiry: Action | None = None
    binding: bool = True
    tracks: frozenset[Track] = frozenset(Track)
    warned: bool = False


_DECIDING = frozenset({S.RECORD, S.EXPLAIN, S.TOSIGN, S.SIGNED})
_BEFORE_RECORD = _NOTIFIED | {S.OWNER, S.MOVED}
WARNING_STANDS = _DECIDING | _EXECUTING | _APPEALED | {S.WARNED, S.MOVED, S.DECIDED}
"""States in which a warning may stand at the registries: until the violation is resolved, or its notice is void."""
_CLOCKS = (
    Deadline(code="time_bar", words=Words("Thời hiệu xử phạt", "Time-bar of the sanction"), starts=None,
             counts_from="act", runs_in=_UNDECIDED, length=1, count=Count.YEARS, warn_days=30, expiry=A.EXPIRE,
             source="Luật XLVPHC Đ6; NĐ168 Đ4"),
    Deadline(code="notice", words=Words("Gửi thông báo vi phạm", "Notice to the owner"), starts=None,
             counts_from="opening", runs_in=REVIEWING | {S.CONFIRMED, S.OWNER}, length=10, count=Count.DAYS,
             warn_days=3, tracks=frozenset({Track.DEVICE}), source="TT73 Đ24.1"),
    Deadline(code="response", words=Words("Chờ chủ phương tiện đến giải quyết", "Owner's answer"),
             starts=A.SEND_NOTICE, runs_in=frozenset({S.NOTICED}), length=20, count=Count.DAYS, warn_days=3,
             expiry=A.NO_RESPONSE, source="TT73 Đ24; NĐ168 Đ47.11"),
    Deadline(code="record_target", words=Words("Lập biên bản (mục tiêu)", "Record (target)"), starts=A.IDENTIFY,
             runs_in=_BEFORE_RECORD, length=3, count=Count.WORKING_DAYS, binding=False, source="NĐ135 Đ15"),
    Deadline(code="record", words=Words("Lập biên bản", "Record"), starts=A.IDENTIFY, runs_in=_BEFORE_RECORD,
             length=5, count=Count.WORKING_DAYS, warn_days=2, source="NĐ118 Đ12.4, sửa bởi NĐ68/2025"),
    Deadline(code="explain_written", words=Words("Giải trình bằng văn bản", "Written explanation"),
             starts=A.AWAIT_EXPLANATION, reasons=("written", "written_on_paper"), runs_in=frozenset({S.EXPLAIN}),
             length=5, count=Count.WORKING_DAYS, source="Luật XLVPHC Đ61"),
    Deadline(code="explain_oral", words=Words("Yêu cầu giải trình trực tiếp", "Request of an oral explanation"),
             starts=A.AWAIT_EXPLANATION, reasons=("oral", "oral_on_paper"), runs_in=frozenset({S.EXPLAIN}),
             length=2, count=Count.WORKING_DAYS, source="Luật XLVPHC Đ61"),
    Deadline(code="decision", words=Words("Ra quyết định", "Decision"), starts=A.MAKE_RECORD, runs_in=_DECIDING,
             length=7, count=Count.WORKING_DAYS, warn_days=2, source="Luật XLVPHC Đ66"),
    Deadline(code="decision_explained", words=Words("Ra quyết định (có giải trình)", "Decision, with explanation"),
             starts=A.AWAIT_EXPLANATION, replaces="decision", runs_in=_DECIDING, length=1, count=Count.MONTHS,
             warn_days=5, source="Luật XLVPHC Đ66"),
    Deadline(code="decision_complex", words=Words("Ra quyết định (phức tạp)", "Decision, complex"), starts=A.EXTEND,
             replaces="decision", runs_in=_DECIDING, length=2, count=Count.MONTHS, warn_days=7,
             source="Luật XLVPHC Đ66"),
    Deadline(code="serve", words=Words("Giao quyết định", "Serving the decision"), starts=A.ISSUE,
             runs_in=frozenset({S.DECIDED, S.APPEAL}), length=3, count=Count.WORKING_DAYS, source="Luật XLVPHC Đ70"),
    Deadline(code="comply", words=Words("Chấp hành quyết định", "Compliance"), starts=A.SERVE,
             runs_in=frozenset({S.SERVED, S.APPEAL}), length=10, count=Count.DAYS, warn_days=2,
             source="Luật XLVPHC Đ73"),
    Deadline(code="execution_bar", words=Words("Thời hiệu thi hành", "Time-bar of execution"), starts=A.ISSUE,
             runs_in=_EXECUTING | {S.DECIDED, S.APPEAL}, length=1, count=Count.YEARS, warn_days=30,
             source="Luật XLVPHC Đ74"),
    Deadline(code="lift_warning", words=Words("Rút cảnh báo đăng kiểm, đăng ký", "Lifting the warning"), starts=None,
             warned=True, runs_in=frozenset(S) - {S.NEW}, length=0, count=Count.DAYS,
             source="NĐ168 Đ47.11.c"),
)  # fmt: skip
DEADLINES: dict[str, Deadline] = {deadline.code: deadline for deadline in _CLOCKS}

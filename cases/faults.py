"""Why a case service refuses; all are `CaseError`, split so that a caller can answer each in its own way."""

from collections.abc import Sequence
from datetime import date, datetime

from detector.scene.fault import Fault
from detector.types import CaseError, ConfigError, EvidenceError


class StoreUnavailableError(EvidenceError):
    """The evidence store cannot be used now: disk full or refused, object store not reached; nothing is altered."""


class NotFoundError(CaseError):
    """No such case, item or account, or it lies in a ward this account may not see."""


class NotPermittedError(CaseError):
    """The account's role does not allow it."""


class IllegalMoveError(CaseError):
    """The life cycle has no such move from the case's state."""


class PaperError(IllegalMoveError):
    """A paper that a move rests on, or that is to go out, does not do; `paper` is its kind."""

    def __init__(self, message: str, *, paper: str) -> None:
        super().__init__(message)
        self.paper = paper


class NoPaperError(PaperError):
    """There is no such paper in the case."""


class UnsignedPaperError(PaperError):
    """The paper bears no signature, or not that of who signed the case."""


class UnsentPaperError(PaperError):
    """The paper that holds was not sent."""


class PlateUnconfirmedError(PaperError):
    """No officer confirmed or corrected the plate that the paper would bear."""


class PlateDiffersError(PaperError):
    """The paper bears another plate than the one that officers established."""


class VoidPaperError(PaperError):
    """The paper's ground is gone since it was issued (the case amended, disputed, ended...)."""


class AlreadyIssuedError(PaperError):
    """A paper of this kind stands in the case: its `number`, its id (`document`) and the `day` it was issued."""

    def __init__(self, message: str, *, paper: str, number: str, document: str, day: date) -> None:
        super().__init__(message, paper=paper)
        self.number, self.document, self.day = number, document, day


class PlateFormError(IllegalMoveError):
    """What an officer `typed` for a plate is not the `form` it would be kept in; the officer has not accepted that."""

    def __init__(self, message: str, *, typed: str, form: str) -> None:
        super().__init__(message)
        self.typed, self.form = typed, form


class WrongPassphraseError(CaseError):
    """The key's file is there and does not open with this passphrase."""


class AnswerWaitsError(IllegalMoveError):
    """The owner says not to have driven, and nobody has dealt with it: the case's papers wait."""


class CaseFirstError(IllegalMoveError):
    """A decision's paper is signed once its case is; the case awaits that signature."""


class AnswerFirstError(IllegalMoveError):
    """An owner's answer waits to be dealt with before the case goes this way."""


class WarningStandsError(IllegalMoveError):
    """A warning of this case stands at the registries; it is lifted before the case goes this way."""


class TooEarlyError(IllegalMoveError):
    """The time that the law gives the owner is not over; `day` is its last, by Hanoi's calendar."""

    def __init__(self, message: str, *, day: date) -> None:
        super().__init__(message)
        self.day = day


class NoSceneError(IllegalMoveError):
    """A citizen's report has no scene of its own in force that its videos could be judged by."""


class SceneMovedError(IllegalMoveError):
    """Another version came into force than the one that was shown as the one to be replaced."""


class OpenedOtherwiseError(IllegalMoveError):
    """The same vehicle in the same still was marked before, with other particulars."""


class OwnDecisionError(NotPermittedError):
    """The owner disputes or complains of what this very person confirmed or signed: another person answers that."""


class BadReasonError(CaseError):
    """The reason, note or linked case does not fit the action.

    `why` is a code for what is wrong (reason, note, duplicate, exceptions...), empty where only the text says it;
    `allowed` are the codes that would have fitted.
    """

    def __init__(self, message: str, *, why: str = "", allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.why = why
        self.allowed = tuple(allowed)


class _ToldError(CaseError):
    """`why` is a code for what is wrong, empty where only the text says it; `typed` was given, `allowed` expected.

    `faults` are those of a document field by field, where it is one.
    """

    def __init__(
        self,
        message: str,
        *,
        why: str = "",
        typed: object = "",
        allowed: Sequence[object] = (),
        faults: Sequence[Fault] = (),
    ) -> None:
        super().__init__(message)
        self.why, self.typed, self.faults = why, str(typed), tuple(faults)
        self.allowed = tuple(str(one) for one in allowed)


class BadChangeError(_ToldError, ConfigError):
    """A proposed row of the law table, an account or another record of the administration is not acceptable."""


class LawStopsError(ConfigError):
    """A row of the law table that earlier software let in fits no more; `row` is its id."""

    def __init__(self, message: str, *, row: str) -> None:
        super().__init__(message)
        self.row = row


class BadPasswordError(BadChangeError):
    """A new password is too weak."""


class SamePasswordError(BadChangeError):
    """The password that is to replace another is that other one."""


class NameTakenError(BadChangeError):
    """Another account or campaign bears the name."""


class TitleNeededError(BadChangeError):
    """A signer signs in an office, and none is given."""


class BadQueryError(_ToldError):
    """A filter, sort order, page size or cursor of a listing is not usable."""


class StaleError(CaseError):
    """Somebody changed the case since it was read."""


class HeldError(CaseError):
    """Another officer holds the case."""

    def __init__(self, message: str, *, holder: str, until: datetime) -> None:
        super().__init__(message)
        self.holder = holder
        self.until = until


class HandedJustNowError(HeldError):
    """The paper went out this way moments ago, by `holder`; from `until` on it may once more."""


class LoginRefusedError(CaseError):
    """The name or password is wrong, or the account is closed."""


class LockedOutError(CaseError):
    """Too many wrong passwords; `retry_s` seconds remain."""

    def __init__(self, message: str, *, retry_s: int) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class BadSceneError(CaseError):
    """A drawn scene cannot judge a camera; `why` as of a `BadQueryError`."""

    def __init__(self, faults: Sequence[Fault], *, why: str = "", typed: str = "", allowed: str = "") -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults, self.why, self.typed = tuple(faults), why, typed
        self.allowed = (allowed,) if allowed else ()

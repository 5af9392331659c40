"""What the API takes and gives, one noun per file; records never leave as they are."""

from api.catalogue import WordOut
from api.schemas.audit import ChainOut, LedgerOut, LedgerRowOut, LogFileQuery, LogOut, LogQuery, LogRowOut
from api.schemas.base import In, Out
from api.schemas.case import CaseDetail, CaseOut, ClaimOut, DueOut, QueueOut, QueueQuery
from api.schemas.decision import DecisionIn, DecisionOut, VersionIn
from api.schemas.due import DueCaseOut, DuePageOut, DueQuery
from api.schemas.evidence import AccessOut, FaultOut, VerificationOut
from api.schemas.law import ChangeDecisionIn, ChangeIn, ChangeOut, ChoicesOut, LawOut, OffenceOut, RemedyOut, TitleOut
from api.schemas.review import AgreementOut, KnownAnswerIn, KnownAnswerOut, PeriodQuery, PrecisionOut
from api.schemas.session import LoginIn, LoginWaysOut, PasswordIn, SessionOut
from api.schemas.user import NewPasswordIn, UserChangeIn, UserIn, UserOut
from api.schemas.vocabulary import DeadlineOut, MoveOut, VocabularyOut

__all__ = [
    "AccessOut",
    "AgreementOut",
    "CaseDetail",
    "CaseOut",
    "ChainOut",
    "ChangeDecisionIn",
    "ChangeIn",
    "ChangeOut",
    "ChoicesOut",
    "ClaimOut",
    "DeadlineOut",
    "DecisionIn",
    "DecisionOut",
    "DueCaseOut",
    "DueOut",
    "DuePageOut",
    "DueQuery",
    "FaultOut",
    "In",
    "KnownAnswerIn",
    "KnownAnswerOut",
    "LawOut",
    "LedgerOut",
    "LedgerRowOut",
    "LogFileQuery",
    "LogOut",
    "LogQuery",
    "LogRowOut",
    "LoginIn",
    "LoginWaysOut",
    "MoveOut",
    "NewPasswordIn",
    "OffenceOut",
    "Out",
    "PasswordIn",
    "PeriodQuery",
    "PrecisionOut",
    "QueueOut",
    "QueueQuery",
    "RemedyOut",
    "SessionOut",
    "TitleOut",
    "UserChangeIn",
    "UserIn",
    "UserOut",
    "VerificationOut",
    "VersionIn",
    "VocabularyOut",
    "WordOut",
]

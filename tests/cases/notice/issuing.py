"""Papers that tests issue as a handler does: set in type, numbered and chained; and what they say as text."""

import unicodedata
from contextlib import suppress
from io import BytesIO

from pypdf import PdfReader

from cases import service
from cases.actor import Actor
from cases.faults import NoPaperError
from cases.lifecycle import Action
from cases.notice.form import DocumentForm, Owner
from cases.notice.issue import Issued, issue
from cases.records import DocumentKind
from cases.roles import Role
from cases.settings import Settings
from tests.cases.builders import NOON
from tests.cases.installation import Installation
from tests.cases.walking import Walk

HUNG = Actor(name="hung", role=Role.HANDLER)
FORM = DocumentForm(plate="29a-123.45", owner=Owner(name="Nguyễn Thị Ưởng"), plate_colour="white")


def settings_of(made: Installation) -> Settings:
    return Settings(data_dir=made.root, agency_phone="024 3942 4451", public_url="https://vipham.example")


def paper(made: Installation, *, kind: DocumentKind = DocumentKind.NOTICE, actor: Actor = HUNG,
          case_id: str | None = None, form: DocumentForm = FORM) -> Issued:  # fmt: skip
    return issue(made.database.sessions, made.store, settings_of(made), case_id=case_id or made.case_ids[1], kind=kind,
                 form=form, actor=actor, now=NOON)  # fmt: skip


def anew(made: Installation, *, kind: DocumentKind = DocumentKind.NOTICE, form: DocumentForm = FORM) -> Issued:
    """A paper in the place of the one that stands, if there is one; that is withdrawn."""
    life = Walk(made.database, made.case_ids[1])
    with suppress(NoPaperError):
        life.take(HUNG, Action.WITHDRAW, reason=f"wrong_{kind}")
    return paper(made, kind=kind, form=form)


def noticed(made: Installation) -> Issued:
    """The notice of the confirmed case, issued and sent."""
    done = issue(made.database.sessions, made.store, Settings(data_dir=made.root), case_id=made.case_ids[1],
                 kind=DocumentKind.NOTICE, form=FORM, actor=HUNG, now=NOON)  # fmt: skip
    service.decide(made.database.sessions, case_id=made.case_ids[1], actor=HUNG, action=Action.SEND_NOTICE,
                   reason="signed_by_hand", expected_version=2, now=NOON)  # fmt: skip
    return done


def text_of(pdf: bytes) -> str:
    """The document's words without blanks, by way of the fonts' own tables."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return unicodedata.normalize("NFC", "".join("".join(pages).split()))

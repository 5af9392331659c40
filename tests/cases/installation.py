"""A whole small installation for tests: signed bundles with real pictures, decisions, views, anchors."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from cases import service
from cases.anchors import write_anchor
from cases.database import Database, open_database, sqlite_url
from cases.evidence import FolderStore
from cases.inspection import inspect_all
from cases.lifecycle import Action
from cases.signing import KeyRing, open_keys
from tests.cases.builders import CHIEF, LAN, NOON, opened
from tests.cases.papers import establish

SIZE_WH = (960, 540)
OFFENDER = (610, 402, 655, 498)


def street_jpeg() -> bytes:
    """A picture with fine detail everywhere, and a red vehicle in the box that `finding_of` states."""
    picture = Image.effect_noise(SIZE_WH, 120).convert("RGB")
    ImageDraw.Draw(picture).rectangle(OFFENDER, fill=(200, 30, 30))
    data = BytesIO()
    picture.save(data, "JPEG", quality=80)
    return data.getvalue()


def items() -> dict[str, bytes]:
    """What a pipeline puts into a bundle."""
    still = street_jpeg()
    return {**{f"{name}.jpg": still for name in ("before", "during", "after")}, "clip.mp4": b"packets" * 40}


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A data folder with three cases, the second confirmed, and an anchor over all of it."""

    root: Path
    database: Database
    store: FolderStore
    keys: KeyRing
    case_ids: tuple[str, ...]


def install(root: Path, *, cases: int = 3, media: dict[str, bytes] | None = None, url: str = "") -> Installation:
    """Make one, on SQLite unless `url` says otherwise; the caller closes its database."""
    keys = open_keys(root / "keys")
    store = FolderStore(root / "evidence", keys)
    database = open_database(url or sqlite_url(root / "phatnguoi.db"))
    ids = tuple(opened(database, store, number, items=media or items()).case_id for number in range(cases))
    chosen = ids[min(1, cases - 1)]
    service.claim(database.sessions, case_id=chosen, actor=LAN, now=NOON, lease_s=60)
    service.decide(
        database.sessions,
        case_id=chosen,
        actor=LAN,
        action=Action.CONFIRM,
        reason="verified",
        expected_version=1,
        now=NOON,
    )
    establish(database, chosen, now=NOON)
    service.record_access(database.sessions, case_id=chosen, actor=CHIEF, item="during.jpg", byte_range=None, now=NOON)
    write_anchor(database.sessions, store, keys, now=NOON)
    return Installation(root=root, database=database, store=store, keys=keys, case_ids=ids)


def faults(made: Installation) -> list[str]:
    """Whatever an inspection of the whole of it finds."""
    report = inspect_all(made.database.sessions, made.store, trusted=made.keys.public_keys(), name="data")
    return [str(fault) for fault in report.faults]

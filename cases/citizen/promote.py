"""A case opened by an officer's eye from what a citizen sent, on the citizens' track: verified, then confirmed by two.

A detector needs a scene and a moving picture; a photo has neither. The officer marks the vehicle in one still (a photo,
or a picture of the video) and says what was done; the bundle holds that still without the sender's metadata and names
the file it came from by its SHA-256. The file itself stays with the report, for the agency alone, and so does the
sender's word for the place: papers print the officer's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.citizen.media import still
from cases.citizen.reports import get_report, link, link_cases, media_path
from cases.database import read_transaction
from cases.evidence import BundleRef, EvidenceStore, NetworkRef, SourceRef, bundle_facts
from cases.evidence.facts import violation_dump
from cases.faults import BadReasonError, IllegalMoveError, OpenedOtherwiseError
from cases.opening import find_case_id, open_case
from cases.records import Case, CitizenReport, ReportState
from cases.roles import REVIEWERS
from cases.wording import BY_EYE
from detector.scene import Scene, parse_scene, scene_hash
from detector.types import ClockGrade, Finding, Moment, ObjectClass, Violation, ViolationKind, violation_id

RULE = "officer/1"
"""What a case opened by eye names as its rule; its confidence is 0, for no machine judged it."""
ZONE = "by_eye"
LONGEST_PLACE = 200
_OF_GOODS = frozenset({ViolationKind.SIDEWALK_ENCROACHMENT})
"""What may be done without a vehicle; of all else no clause would bind anybody, and no officer could sign."""
_SAID = ("scene_hash", "start_at", "finding")
_NOBODY = NetworkRef(name="none", sha256=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the officer saw in one file of a report.

    Attributes:
        xyxy: the vehicle in the still, px.
        place: where it was, in the officer's words: at most `LONGEST_PLACE` letters, printed for the accused.
        t_s: second of the video, 0 for a photo.
        still: the picture of the video at `t_s` as JPEG; None for a photo, which is its own.
    """

    kind: ViolationKind
    vehicle: ObjectClass | None
    file: str
    xyxy: tuple[float, float, float, float]
    place: str
    t_s: float = 0.0
    still: bytes | None = None


def promote(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    folder: Path,
    *,
    report_id: str,
    seen: Seen,
    actor: Actor,
    now: datetime,
) -> str:
    """Seal the still, open the case and note it with the report; the same again opens nothing twice.

    Returns:
        The id of the case.

    Raises:
        NotPermittedError, NotFoundError: the role, the ward, or the report has no such file.
        IllegalMoveError: the report is closed. BadReasonError: the still is no picture, the box lies outside it, no
            vehicle is named where only one can have offended, or the place is no line of text.
        OpenedOtherwiseError: the vehicle was marked before, as another one or at another place.
        EvidenceError: the disk refuses.
    """
    actor.require(REVIEWERS, "opening a case from a report")
    seen = replace(seen, place=_place(seen.place))
    if seen.vehicle is None and seen.kind not in _OF_GOODS:
        raise BadReasonError(f"vehicle: expected one for {seen.kind.value}, got none", why="vehicle")
    row = get_report(sessions, report_id=report_id, actor=actor, now=now, file=seen.file)
    if row.state is ReportState.CLOSED:
        raise IllegalMoveError(f"report {row.id}: is closed already")
    jpeg, size_wh = still(_picture(folder, row, seen))
    text, scene = _scene(row, seen, size_wh)
    violation = _violation(row, seen, scene, actor)
    known = find_case_id(sessions, violation.id)
    if known is not None:
        _refuse_other(sessions, known, violation)
        link_cases(sessions, report_id=row.id, cases=[known], now=now, by=actor.name)
        return known
    facts = bundle_facts(
        violation=violation, scene=scene, scene_text=text, network=_NOBODY, source=_source(row.media, seen.file)
    )
    bundle = _sealed(store, violation)
    if bundle is None:
        with store.begin(violation.id) as writer:
            writer.add_bytes("during.jpg", "image/jpeg", jpeg)
            bundle = writer.seal(facts)
    return open_case(
        sessions,
        violation=violation,
        scene=scene,
        bundle=bundle,
        network=_NOBODY,
        along=lambda session, case_id: link(session, report_id=row.id, cases=[case_id], now=now, by=actor.name),
    ).case_id


def _place(text: str) -> str:
    place = " ".join(text.split())
    if not 1 <= len(place) <= LONGEST_PLACE or not place.isprintable():
        raise BadReasonError(f"place: expected 1 to {LONGEST_PLACE} letters, no control characters", why="place")
    return place


def _picture(folder: Path, row: CitizenReport, seen: Seen) -> Path | bytes:
    path, media_type = media_path(folder, row, seen.file)
    if media_type.startswith("image/") == (seen.still is not None):
        raise BadReasonError("still: expected with a video, and only with one")
    return path if seen.still is None else seen.still


def _refuse_other(sessions: sessionmaker[Session], case_id: str, violation: Violation) -> None:
    """A second marking may not silently keep the first one's particulars."""
    with read_transaction(sessions) as session:
        case = session.get_one(Case, case_id)
    vehicle = violation.finding.vehicle
    if (case.vehicle, case.scene_hash) != (vehicle.label if vehicle else None, violation.scene_hash):
        raise OpenedOtherwiseError(f"case {case_id}: {case.vehicle or 'no vehicle'}, {case.camera_name}")


def _sealed(store: EvidenceStore, violation: Violation) -> BundleRef | None:
    """The bundle that an attempt without a case left, if it says the same."""
    bundle = store.find(violation.id)
    if bundle is not None:
        left = {name: value for name, value in store.manifest(bundle.location).violation.items() if name in _SAID}
        said = violation_dump(violation)
        if left != {name: said[name] for name in _SAID}:
            raise OpenedOtherwiseError(f"bundle {bundle.location}: sealed without a case; move the frame a little")
    return bundle


def _scene(row: CitizenReport, seen: Seen, size_wh: tuple[int, int]) -> tuple[str, Scene]:
    """The place as the officer tells it; its one zone is the whole picture, for nothing was measured."""
    (width, height), camera = size_wh, {"id": row.id, "name": seen.place, "ward": row.ward, "source": "citizen"}
    whole = {"id": ZONE, "kind": "ignore", "polygon": [[0, 0], [width, 0], [width, height], [0, height]]}
    plain = {"version": 1, "camera": camera, "size": [width, height], "zones": [whole]}
    text = json.dumps(plain, ensure_ascii=False)
    return text, parse_scene(text, name=row.id)


def _violation(row: CitizenReport, seen: Seen, scene: Scene, actor: Actor) -> Violation:
    x1, y1, x2, y2 = seen.xyxy
    width, height = scene.size
    if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height):
        raise BadReasonError(f"xyxy {seen.xyxy}: expected a box inside the picture of {width} x {height} px", why="box")
    finding = Finding(
        kind=seen.kind,
        zone_id=ZONE,
        rule_version=RULE,
        track_id=0,
        vehicle=seen.vehicle,
        t_start_s=seen.t_s,
        t_end_s=seen.t_s,
        confidence=0.0,
        moments={"during": Moment(seen.t_s, seen.xyxy)},
        facts={"report": row.id, "marked_by": actor.name, "file": seen.file},
        path=((seen.t_s, *seen.xyxy),),
        cannot_tell=(BY_EYE,),
        final=True,
    )
    source_id = f"{row.id}/{seen.file}"
    return Violation(
        id=violation_id(camera_id=row.id, source_id=source_id, finding=finding),
        camera_id=row.id,
        source_id=source_id,
        scene_hash=scene_hash(scene),
        finding=finding,
        start_at=row.occurred_at,
        end_at=row.occurred_at,
        clock=ClockGrade.NOMINAL,
    )


def _source(media: Sequence[Mapping[str, Any]], name: str) -> SourceRef:
    entry = next(entry for entry in media if entry["name"] == name)
    return SourceRef(name=name, sha256=str(entry["sha256"]), size_bytes=int(entry["size_bytes"]))

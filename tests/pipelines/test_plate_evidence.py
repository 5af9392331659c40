"""The offender's plate in the evidence of an act: read after it, from its own box, or honestly not at all."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from cases.evidence import FolderStore
from detector.inference.registry import default_registry_path, load_registry
from detector.types import Finding, Moment, ObjectClass, SourceError
from pipelines.evidence import EvidenceMaker
from pipelines.plate_evidence import PlateWitness, event_plate, open_witness
from pipelines.scene_file import load_scene
from pipelines.shots import Looks
from pipelines.video.stills import Still
from tests.cases.builders import NETWORK, finding_of, scene_of, scene_text, violation_of
from tests.pipelines.plates import TWO_ROWS, Image, PictureFootage, vehicle_picture

SIZE = (960, 540)
BOX = (300.0, 60.0, 600.0, 480.0)


def street(*plates: bool) -> PictureFootage:
    """A vehicle in `BOX` each second, its plate to be seen or not; another's plate beside it."""
    pictures = []
    for shown in plates:
        picture = np.full((SIZE[1], SIZE[0], 3), 100, np.uint8)
        own = vehicle_picture(TWO_ROWS, (300, 420), 90)
        if not shown:
            own[200:330] = (50, 45, 60)
        picture[60:480, 300:600] = own
        other = replace(TWO_ROWS, printed=("30-AB", "678.90"))
        picture[60:480, 640:940] = vehicle_picture(other, (300, 420), 90)
        pictures.append(picture)
    return PictureFootage(tuple(pictures))


def act(**fields: object) -> Finding:
    moments = {name: Moment(float(n), BOX) for n, name in enumerate(("before", "during", "after"))}
    path = tuple((float(n), *BOX) for n in range(3))
    return finding_of(t_start_s=0.0, t_end_s=2.0, path=path, moments=moments, **fields)


def long_act() -> Finding:
    return replace(act(), path=tuple((float(n), *BOX) for n in range(6)), t_end_s=5.0)


@pytest.fixture(scope="module")
def witness() -> PlateWitness:
    witness = open_witness(load_registry(default_registry_path()))
    assert witness is not None
    return witness


def test_the_offenders_plate_and_nobody_elses(witness: PlateWitness) -> None:
    plate = witness.read(Looks(street(True, True, True), act(), SIZE), act())
    assert plate is not None
    assert (plate.reading.text, plate.looked, len(plate.shots)) == ("29E112345", 3, 3)
    assert plate.facts()["plate_shown"] == "29-E1 123.45"
    assert "30AB67890" not in str(plate.facts())
    assert all(shot.crop.shape[1] < 140 for shot in plate.shots)


@pytest.mark.parametrize("blur", [16, 20])
def test_a_neighbours_plate_is_not_given_where_ones_own_is_large_but_blurred(witness: PlateWitness, blur: int) -> None:
    own = vehicle_picture(TWO_ROWS, (900, 900), 220)
    small = cv2.resize(own, (900 // blur, 900 // blur), interpolation=cv2.INTER_AREA)
    picture = np.asarray(cv2.resize(small, (900, 900), interpolation=cv2.INTER_CUBIC), np.uint8)
    picture[480:, 600:] = vehicle_picture(replace(TWO_ROWS, printed=("30-AB", "678.90")), (300, 420), 110)
    box = (0.0, 0.0, 900.0, 900.0)
    moments = {name: Moment(float(n), box) for n, name in enumerate(("before", "during", "after"))}
    finding = replace(act(), moments=moments, path=tuple((float(n), *box) for n in range(3)))
    plate = witness.read(Looks(PictureFootage((picture,) * 3), finding, (900, 900)), finding)
    assert plate is None or not plate.facts()["plate_sure"]


def test_two_plates_in_the_offenders_box_are_left_to_the_officer(witness: PlateWitness) -> None:
    """Which of them is the offender's is not told by a guess; the other one's number stands nowhere."""
    footage = street(True, True, True)
    for picture in footage.pictures:
        other = vehicle_picture(replace(TWO_ROWS, printed=("30-AB", "678.90")), (300, 420), 90)[200:320, 90:210]
        picture[80:200, 320:440] = other
    plate = witness.read(Looks(footage, act(), SIZE), act())
    assert plate is not None
    facts = plate.facts()
    assert (facts["plate_rivals"], facts["plate_sure"]) == (3, False)
    assert event_plate(facts) is None
    assert "30AB67890" not in str(facts) or facts["plate_text"] == "30AB67890"


def test_nothing_is_compiled_before_the_first_act() -> None:
    """While nothing happens the networks lie unused: neither CPU nor compiled forms."""
    idle = open_witness(load_registry(default_registry_path()))
    assert idle is not None
    graphs = [idle._eyes._finder._graph, idle._eyes.reader._graph]
    assert [len(graph._sizes) for graph in graphs] == [0, 0]
    assert idle.read(Looks(street(True), act(), SIZE), act()) is not None
    assert [len(graph._sizes) for graph in graphs] == [1, 1]


def test_looks_end_once_three_surely_agree(witness: PlateWitness) -> None:
    plate = witness.read(Looks(street(*[True] * 6), long_act(), SIZE), long_act())
    assert plate is not None
    assert (plate.reading.text, plate.looked, plate.sure) == ("29E112345", 3, True)


def test_looks_without_a_plate_do_not_vote(witness: PlateWitness) -> None:
    plate = witness.read(Looks(street(False, True, False), act(), SIZE), act())
    assert plate is not None
    assert (plate.reading.text, plate.looked, len(plate.shots)) == ("29E112345", 3, 1)


def test_a_plate_never_seen_is_said_to_be_so(witness: PlateWitness) -> None:
    plate = witness.read(Looks(street(False, False, False), act(), SIZE), act())
    assert plate is not None
    assert plate.facts() == {"plate_looks": 3, "plate_votes": 0}
    assert event_plate(plate.facts()) is None


@pytest.mark.parametrize("vehicle", [None, ObjectClass.PERSON, ObjectClass.BICYCLE, ObjectClass.STALL])
def test_what_carries_no_plate_is_not_looked_at(witness: PlateWitness, vehicle: ObjectClass | None) -> None:
    assert witness.read(Looks(PictureFootage(()), act(), SIZE), act(vehicle=vehicle)) is None


def test_pictures_the_footage_lost_are_passed_over(witness: PlateWitness) -> None:
    class Ring(PictureFootage):
        def stills(self, times_s: Sequence[float]) -> list[Still]:
            if min(times_s) < 1:
                raise SourceError("the ring no longer holds second 0")
            return PictureFootage.stills(self, times_s)

    plate = witness.read(Looks(Ring(street(True, True, True).pictures), act(), SIZE), act())
    assert plate is not None
    assert (plate.reading.text, plate.looked) == ("29E112345", 2)


@pytest.mark.parametrize(
    ("label", "late_s", "moves_px", "looked"),
    [
        ("of the moment", 0.08, 200.0, 3),
        ("the keyframe before, while it drives", -0.7, 40.0, 2),
        ("the keyframe before, while it drives away unseen", -0.7, 40.0, 0),
        ("the keyframe before, while it stands", -0.7, 2.0, 2),
        ("long after the act", 9.0, 0.0, 0),
    ],
)
def test_a_picture_of_another_moment_is_looked_at_only_where_the_path_tells_of_it(
    witness: PlateWitness, label: str, late_s: float, moves_px: float, looked: int
) -> None:
    class Sparse(PictureFootage):
        def stills(self, times_s: Sequence[float]) -> list[Still]:
            return [replace(still, t_s=still.t_s + late_s) for still in PictureFootage.stills(self, times_s)]

    x1, y1, x2, y2 = BOX
    hole_s = 2.0 if "unseen" in label else 1.0
    path = tuple((n * hole_s, x1 + n * moves_px, y1, x2 + n * moves_px, y2) for n in range(3))
    moving = replace(act(), path=path)
    plate = witness.read(Looks(Sparse(street(True, True, True).pictures), moving, SIZE), moving)
    assert plate is not None
    assert plate.looked == looked, label


def test_only_a_sure_plate_goes_into_the_event() -> None:
    facts = {"plate_text": "29E112345", "plate_confidence": 0.97, "plate_rows": 2}
    assert event_plate({**facts, "plate_sure": True}) == {"text": "29E112345", "confidence": 0.97, "rows": 2}
    assert event_plate({**facts, "plate_sure": False}) is None
    assert event_plate({}) is None


def test_the_bundle_holds_the_crops_that_voted_and_what_they_say(witness: PlateWitness, tmp_path: Path) -> None:
    scene = tmp_path / "scene.yaml"
    scene.write_text(scene_text(), encoding="utf-8")
    store = FolderStore(tmp_path / "evidence")
    maker = EvidenceMaker(
        store=store, footage=street(True, True, True), scene_file=load_scene(scene), network=NETWORK, plates=witness
    )
    violation = replace(violation_of(scene=scene_of()), finding=act())
    bundle = maker.make(violation)
    manifest = store.manifest(bundle.location)
    crops: list[Image] = [item for item in bundle.items if item.startswith("plate-")]
    assert sorted(crops) == ["plate-1.jpg", "plate-2.jpg", "plate-3.jpg"]
    extra = manifest.violation["extra"]
    assert (extra["plate_text"], extra["plate_votes"]) == ("29E112345", 3)
    assert extra["plate_network_sha256"] == witness.network_hash
    assert maker.make(violation).manifest_sha256 == bundle.manifest_sha256

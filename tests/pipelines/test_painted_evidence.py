"""What is painted on an offending truck stands beside its plate: it makes it surer or doubtful, never becomes it."""

from dataclasses import replace

import numpy as np
import pytest

from detector.inference.registry import default_registry_path, load_registry
from detector.plates.reading import PlateReading
from detector.types import Finding, Moment, ObjectClass
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.painted import HEIGHT_PX, painted
from models.recipes.plate.series import CAR_LONG_MM, PlateText
from models.recipes.plate.view import laid
from pipelines.plate_evidence import ActPlate, PlateWitness, event_plate, open_witness, own_places
from pipelines.shots import Looks
from tests.cases.builders import finding_of
from tests.pipelines.plates import Image, PictureFootage, plate_picture

SIZE = (960, 540)
BOX = (300.0, 60.0, 700.0, 480.0)
PLATE = PlateText(printed=("29C-123.45",), ground="white", size_mm=CAR_LONG_MM)


def truck(*, number: str, plate: bool = True, phone: str = "") -> PictureFootage:
    """A blue tailboard with what is painted on it, and a plate below; three seconds of it."""
    picture = np.full((SIZE[1], SIZE[0], 3), 100, np.uint8)
    picture[60:480, 300:700] = (140, 70, 30)
    picture[380:480, 300:700] = (50, 45, 50)
    for text, left, top in ((number, 380, 130), (phone, 380, 230)):
        if text:
            picture = paint(picture, text, left, top, 220)
    if plate:
        own = plate_picture(PLATE, 110, margin=0.0)
        picture[420 : 420 + own.shape[0], 445 : 445 + own.shape[1]] = own
    return PictureFootage((picture,) * 3)


def paint(picture: Image, text: str, left: int, top: int, wide: int, *, ink: int = 235) -> Image:
    glyphs, rng = Glyphs([]), np.random.default_rng(5)
    flat = painted(
        PlateText(printed=(text,), ground="body", size_mm=(HEIGHT_PX * 5, HEIGHT_PX)), glyphs, rng, board=False
    )
    flat = replace(flat, pixels=np.full_like(flat.pixels, ink), mask=np.minimum(flat.mask * 3, 1))
    high = wide / 5
    corners = np.array([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]], np.float32)
    return laid(picture, flat, corners)


def act(vehicle: ObjectClass = ObjectClass.TRUCK) -> Finding:
    moments = {name: Moment(float(n), BOX) for n, name in enumerate(("before", "during", "after"))}
    path = tuple((float(n), *BOX) for n in range(3))
    return finding_of(t_start_s=0.0, t_end_s=2.0, path=path, moments=moments, vehicle=vehicle)


def read(witness: PlateWitness, footage: PictureFootage, finding: Finding | None = None) -> ActPlate:
    finding = finding or act()
    plate = witness.read(Looks(footage, finding, SIZE), finding)
    assert plate is not None
    return plate


@pytest.fixture(scope="module")
def witness() -> PlateWitness:
    witness = open_witness(load_registry(default_registry_path()))
    assert witness is not None
    return witness


def test_the_same_number_painted_makes_the_plate_surer(witness: PlateWitness) -> None:
    plate = read(witness, truck(number="29C 123.45"))
    facts = plate.facts()
    assert (facts["plate_text"], facts["painted_text"], facts["painted_says"]) == ("29C12345", "29C12345", "agrees")
    assert facts["plate_confidence"] >= facts["painted_raised_from"]  # type: ignore[operator]
    assert facts["painted_looks"] == 3
    assert {"plate-1.jpg", "painted-1.jpg"} <= set(plate.crops())


def test_another_number_painted_leaves_the_plate_to_the_officer(witness: PlateWitness) -> None:
    plate = read(witness, truck(number="29C 678.90"))
    facts = plate.facts()
    assert (facts["plate_text"], facts["painted_text"], facts["painted_says"]) == ("29C12345", "29C67890", "differs")
    assert facts["plate_sure"] is False
    assert "painted_raised_from" not in facts
    assert event_plate(facts) is None


def test_print_on_a_light_body_is_not_taken_for_the_plate(witness: PlateWitness) -> None:
    """Read as plainly as a plate, by the finder of plates, too: it is a number of the body, alone."""
    picture = np.full((SIZE[1], SIZE[0], 3), 225, np.uint8)
    picture = paint(picture, "29C 678.90", 400, 230, 200, ink=30)
    facts = read(witness, PictureFootage((picture,) * 3)).facts()
    assert "plate_text" not in facts
    assert event_plate(facts) is None
    assert (facts["painted_text"], facts["painted_says"]) == ("29C67890", "alone")


def test_a_number_of_the_body_is_never_the_plate(witness: PlateWitness) -> None:
    """Whatever is read of it, the event names no plate that only the finder of print saw."""
    plate = read(witness, truck(number="", plate=True, phone="0912 345 678"))
    facts = plate.facts()
    assert facts["plate_text"] == "29C12345"
    assert "painted_text" not in facts
    assert facts["painted_looks"] == 3


@pytest.mark.parametrize("vehicle", [ObjectClass.CAR, ObjectClass.BUS, ObjectClass.MOTORCYCLE])
def test_only_trucks_are_searched_for_print(witness: PlateWitness, vehicle: ObjectClass) -> None:
    plate = read(witness, truck(number="29C 678.90"), act(vehicle))
    assert plate.painted is None
    assert not any(name.startswith("painted") for name in [*plate.facts(), *plate.crops()])


def test_what_stands_where_the_plate_was_seen_is_no_second_place(witness: PlateWitness) -> None:
    """The finder of plates may miss the plate in one picture, in which its print is found: it agrees with nobody."""
    painted = witness._painted
    assert painted is not None
    vehicle = np.ascontiguousarray(truck(number="").pictures[0][60:480, 300:700])
    missed = painted.look(vehicle, (), rank=0)
    assert missed.numbers
    seen = painted.look(vehicle, [missed.numbers[0].xyxy], rank=5)
    plate = missed.numbers[0].reading
    alone = painted.word([missed], plate)
    assert alone.number is not None
    assert alone.beside(plate) == plate
    assert painted.word([missed, seen], plate).number is None


def test_a_plate_that_was_found_but_not_legible_is_no_second_witness(witness: PlateWitness) -> None:
    painted = witness._painted
    assert painted is not None
    vehicle = np.ascontiguousarray(truck(number="").pictures[0][60:480, 300:700])
    (number,) = painted.look(vehicle, (), rank=0).numbers or ()
    unread = replace(number, reading=PlateReading(candidates=()))
    faint = replace(unread, score=unread.score / 2, xyxy=(0.0, 0.0, 9.0, 9.0))
    places = own_places([unread, faint], None)
    assert places == [unread.xyxy]
    assert painted.look(vehicle, places, rank=0).numbers == ()

"""Scene files: what is accepted, and that every fault is refused with its place named."""

import pytest

from detector.scene import ZoneKind, parse_scene, scene_hash
from detector.scene.zone import DEFAULT_LIMIT_S
from detector.types import MOTOR_VEHICLES, ConfigError, ObjectClass

GOOD = """
version: 1
camera: {id: HN-HOANKIEM-014, name: Đinh Tiên Hoàng - Lê Thạch, ward: Hoàn Kiếm, lat: 21.0278, lon: 105.8542,
         timezone: Asia/Ho_Chi_Minh, source: device}
size: [1600, 1200]
reference: hoankiem-014.jpg
ground:
  px: [[410, 620], [1190, 610], [1500, 1150], [60, 1160]]
  m:  [[0, 0], [14, 0], [14, 30], [0, 30]]
zones:
  - id: east-pavement
    kind: sidewalk
    polygon: [[1220, 430], [1400, 430], [1600, 900], [1480, 900]]
    limit_s: 120
    classes: [car, motorcycle]
    calendar:
      - {days: [mon, tue, wed, thu, fri], from: "06:00", to: "22:00"}
  - id: southbound
    kind: one_way
    polygon: [[300, 500], [900, 500], [1000, 1200], [0, 1200]]
    direction: [[600, 520], [450, 1180]]
    one_way_street: true
turns:
  - id: no-left
    kind: no_left_turn
    enter: [[300, 700], [900, 700]]
    leave: [[100, 500], [100, 900]]
    classes: [car, bus, truck]
"""


def parse(text=GOOD):
    return parse_scene(text, name="s.yaml")


def test_the_contracts_example_is_accepted():
    scene = parse()
    pavement, lane = scene.zones
    assert (pavement.kind, pavement.limit) == (ZoneKind.SIDEWALK, 120)
    assert pavement.bound_classes == {ObjectClass.CAR, ObjectClass.MOTORCYCLE}
    assert lane.bound_classes == MOTOR_VEHICLES
    assert pavement.calendar[0].from_min == 360
    assert scene.fitted_ground.rmse_m < 0.01
    assert scene.turns[0].bound_classes == {ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK}


@pytest.mark.parametrize("kind", DEFAULT_LIMIT_S)
def test_zones_without_a_limit_have_the_default_of_their_kind(kind):
    zone = f"{{id: z, kind: {kind.value}, polygon: [[0, 0], [9, 0], [9, 9]]}}"
    assert (
        parse(f"version: 1\ncamera: {{id: A}}\nsize: [10, 10]\nzones: [{zone}]\n").zones[0].limit
        == DEFAULT_LIMIT_S[kind]
    )


FAULTS = {
    "unknown key at the top": ("version: 1", "version: 1\ncolour: red", "s.yaml: colour: unknown key"),
    "unknown key in a zone": ("limit_s: 120", "limits: 120", "s.yaml: zones[0].limits: unknown key"),
    "unknown key in a rule": (
        "turns:",
        "rules: {wrong_way: {metres: 3}}\nturns:",
        "rules.wrong_way.metres: unknown key",
    ),
    "missing key": ("size: [1600, 1200]\n", "", "s.yaml: size: missing"),
    "unknown version": ("version: 1", "version: 2", "s.yaml: version: "),
    "crossing polygon": (
        "[[300, 500], [900, 500], [1000, 1200], [0, 1200]]",
        "[[300, 500], [900, 1200], [900, 500], [300, 1200]]",
        "zone southbound: the polygon is not simple",
    ),
    "polygon of two points": (
        "[[1220, 430], [1400, 430], [1600, 900], [1480, 900]]",
        "[[1, 1], [2, 2]]",
        "zones[0].polygon",
    ),
    "point outside the picture": (
        "[1600, 900]",
        "[1601, 900]",
        "zone east-pavement: polygon point 2 [1601.0, 900.0] lies outside",
    ),
    "gate outside the picture": (
        "[100, 900]",
        "[100, 1300]",
        "turn no-left: leave point 1 [100.0, 1300.0] lies outside",
    ),
    "gate without length": (
        "leave: [[100, 500], [100, 900]]",
        "leave: [[100, 500], [100, 500]]",
        "gate `leave` has no length",
    ),
    "empty calendar": (
        'calendar:\n      - {days: [mon, tue, wed, thu, fri], from: "06:00", to: "22:00"}',
        "calendar: []",
        "zones[0].calendar",
    ),
    "hours that never are": ('to: "22:00"', 'to: "06:00"', '"from" equals "to"'),
    "hour that is none": ('from: "06:00"', 'from: "6 am"', 'expected a time "HH:MM"'),
    "no weekday": ("days: [mon, tue, wed, thu, fri]", "days: [monday]", "zones[0].calendar[0].days[0]"),
    "one_way without direction": (
        "    direction: [[600, 520], [450, 1180]]\n",
        "",
        "zone southbound: a one_way zone needs `direction",
    ),
    "direction of no length": (
        "[[600, 520], [450, 1180]]",
        "[[600, 520], [600, 520]]",
        "starts and ends at the same point",
    ),
    "direction elsewhere": ("limit_s: 120", "direction: [[1, 1], [2, 2]]", "belong to a one_way zone, not to sidewalk"),
    "limit elsewhere": (
        "one_way_street: true",
        "limit_s: 5",
        "`limit_s` is for sidewalk, no_stopping, no_parking, carriageway zones",
    ),
    "limit of nothing": ("limit_s: 120", "limit_s: 0", "s.yaml: zones[0].limit_s: "),
    "unknown class": ("[car, motorcycle]", "[car, horse]", "expected one of"),
    "no class": ("[car, motorcycle]", "[]", "zones[0].classes"),
    "unknown kind": ("kind: sidewalk", "kind: pavement", "zones[0].kind"),
    "repeated id": ("id: no-left", "id: southbound", "id 'southbound' is used 2 times"),
    "unknown time zone": ("Asia/Ho_Chi_Minh", "Asia/Hanoi", "unknown time zone 'Asia/Hanoi'"),
    "ground points in a line": (
        "[[0, 0], [14, 0], [14, 30], [0, 30]]",
        "[[0, 0], [1, 0], [2, 0], [3, 0]]",
        "lie on one line",
    ),
    "ground counts differ": ("[14, 30], [0, 30]]", "[14, 30], [0, 30], [5, 5]]", "px has 4 points but m has 5"),
    "ground order crossed": (
        "[[0, 0], [14, 0], [14, 30], [0, 30]]",
        "[[0, 0], [14, 30], [14, 0], [0, 30]]",
        "ground: no homography fits",
    ),
    "negative threshold": ("turns:", "rules: {wrong_way: {distance_m: -1}}\nturns:", "rules.wrong_way.distance_m"),
}


@pytest.mark.parametrize(("old", "new", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_refused_and_named(old, new, message):
    assert GOOD.count(old) >= 1
    with pytest.raises(ConfigError) as fault:
        parse(GOOD.replace(old, new, 1))
    assert message in str(fault.value)
    assert all(line.startswith("s.yaml: ") for line in str(fault.value).splitlines())


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", ""], ids=["list", "words", "empty"])
def test_what_is_no_scene_is_refused(text):
    with pytest.raises(ConfigError, match="expected a scene"):
        parse(text)


def test_what_is_no_yaml_is_refused():
    with pytest.raises(ConfigError, match="not readable as YAML"):
        parse("zones: [")


def test_a_scene_without_zones_and_turns_is_refused():
    with pytest.raises(ConfigError, match="nothing would ever be judged"):
        parse("version: 1\ncamera: {id: A}\nsize: [10, 10]\n")


def test_the_hash_depends_on_what_is_said_and_not_on_how():
    assert scene_hash(parse()) == scene_hash(parse(GOOD + "\n# a remark\n"))
    assert scene_hash(parse()) != scene_hash(parse(GOOD.replace("limit_s: 120", "limit_s: 121")))


def test_rule_settings_may_be_overridden_one_by_one():
    scene = parse(GOOD + "rules: {wrong_way: {distance_boxes: 3}}\n")
    assert scene.rules.wrong_way.distance_boxes == 3
    assert scene.rules.wrong_way.against_deg == 120

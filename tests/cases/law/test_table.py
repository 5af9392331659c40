"""The seeded law table against the amounts and powers of the decree, and choosing the right clause of it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.faults import BadReasonError
from cases.law import candidates, propose, seed_table, signers_of, stamp, unit_for
from cases.law.table import Offence, read_table
from detector.types import ConfigError, ObjectClass, ViolationKind

TABLE = seed_table()
K = ViolationKind
BEFORE, AFTER = date(2026, 8, 14), date(2026, 8, 15)
SCENES: list[tuple[str, ViolationKind, str | None, dict[str, Any], str, int, bool]] = [
    ("car against a one-way street", K.WRONG_WAY, "car", {"one_way_street": True}, "6.9.d", 19_000_000, True),
    ("car in the oncoming lane", K.WRONG_WAY, "car", {"one_way_street": False}, "6.5.b", 5_000_000, True),
    ("car, street not stated", K.WRONG_WAY, "car", {}, "6.5.b", 5_000_000, False),
    (
        "motorcycle against a one-way street",
        K.WRONG_WAY,
        "motorcycle",
        {"one_way_street": True},
        "7.7.a",
        5_000_000,
        True,
    ),
    ("motorcycle in the oncoming lane", K.WRONG_WAY, "motorcycle", {"one_way_street": False}, "7.3.d", 700_000, True),
    ("bicycle", K.WRONG_WAY, "bicycle", {}, "9.3.c", 350_000, True),
    ("car on the pavement", K.ILLEGAL_PARKING, "car", {"zone_kind": "sidewalk"}, "6.3.e", 900_000, True),
    ("car at a no-stopping sign", K.ILLEGAL_PARKING, "car", {"zone_kind": "no_stopping"}, "6.2.đ", 700_000, True),
    ("motorcycle on the pavement", K.ILLEGAL_PARKING, "motorcycle", {"zone_kind": "sidewalk"}, "7.2.d", 500_000, True),
    ("car's forbidden left turn", K.FORBIDDEN_TURN, "car", {"manoeuvre": "left_turn"}, "6.4.k", 2_500_000, True),
    ("motorcycle's U-turn", K.FORBIDDEN_TURN, "motorcycle", {"manoeuvre": "u_turn"}, "7.2.k", 500_000, True),
    ("motorcycle's left turn", K.FORBIDDEN_TURN, "motorcycle", {"manoeuvre": "left_turn"}, "7.3.a", 700_000, True),
    ("motorcycle on the pavement", K.SIDEWALK_RIDING, "motorcycle", {}, "7.7.a", 5_000_000, True),
    ("car into a closed road", K.NO_ENTRY, "car", {}, "6.5.i", 5_000_000, True),
    ("stall", K.SIDEWALK_ENCROACHMENT, None, {}, "12.7", 2_500_000, True),
    ("truck", K.UNCOVERED_LOAD, "truck", {}, "17.2.a", 3_000_000, True),
]


@pytest.mark.parametrize(("label", "kind", "vehicle", "facts", "number", "amount", "by_facts"), SCENES)
def test_the_scene_chooses_the_clause_and_the_middle_is_the_amount(
    label: str,
    kind: ViolationKind,
    vehicle: str | None,
    facts: dict[str, Any],
    number: str,
    amount: int,
    by_facts: bool,
) -> None:
    found = propose(TABLE, kind=kind, vehicle=vehicle, facts=facts, on=AFTER)
    assert found.offence is not None
    assert (found.offence.number, found.by_facts) == (number, by_facts)
    assert stamp(TABLE, found.offence)["amount_vnd"] == amount


def test_every_motor_vehicle_has_a_clause_for_every_kind_of_driving() -> None:
    for kind in set(K) - {K.UNCOVERED_LOAD, K.SIDEWALK_ENCROACHMENT}:
        for vehicle in ("car", "bus", "truck", "motorcycle"):
            found = propose(TABLE, kind=kind, vehicle=vehicle, facts={}, on=AFTER)
            assert found.offence is not None, (kind, vehicle)
    labels = {kind.label for kind in ObjectClass}
    assert {vehicle for row in TABLE.offence for vehicle in row.vehicles} <= labels


@pytest.mark.parametrize(
    ("label", "on", "says"), [("before", BEFORE, "mui, bạt"), ("after", AFTER, "vật liệu xây dựng")]
)
def test_the_decree_in_force_when_the_act_happened_applies(label: str, on: date, says: str) -> None:
    rows = [row for row in candidates(TABLE, kind=K.UNCOVERED_LOAD, vehicle="truck", on=on) if row.number == "17.2.a"]
    assert len(rows) == 1
    assert says in rows[0].act.vi
    assert candidates(TABLE, kind=K.WRONG_WAY, vehicle="car", on=date(2024, 12, 31)) == []


@pytest.mark.parametrize(
    ("number", "commune", "lowest"),
    [
        ("6.3.e", True, "soldier"),
        ("7.2.d", True, "soldier"),
        ("6.9.d", False, "station_chief"),
        ("7.7.a", False, "soldier"),
        ("12.7", False, "soldier"),
        ("12.12", False, "station_chief"),
        ("17.1", True, "soldier"),
        ("17.2.a", False, "soldier"),
        ("6.11.đ", False, "division_head"),
    ],
)
def test_cases_go_where_they_may_be_signed(number: str, commune: bool, lowest: str) -> None:
    row = next(row for row in TABLE.offence if row.number == number)
    titles = [title.code for title in signers_of(TABLE, row)]
    assert ("commune_police_chief" in titles) is commune
    assert unit_for(TABLE, row) == ("commune" if commune else "city")
    assert titles[0] == lowest


def test_organisations_pay_their_own_range_or_twice_and_only_where_bound() -> None:
    pavement = next(row for row in TABLE.offence if row.number == "12.7")
    hawking = next(row for row in TABLE.offence if row.number == "12.2.e")
    parking = next(row for row in TABLE.offence if row.number == "6.3.e")
    assert stamp(TABLE, pavement, organisation=True)["range_vnd"] == [4_000_000, 6_000_000]
    doubled = stamp(TABLE, parking, organisation=True)
    assert (doubled["range_vnd"], doubled["certainty"]) == ([1_600_000, 2_000_000], "R")
    with pytest.raises(BadReasonError, match="individuals only"):
        stamp(TABLE, hawking, organisation=True)


@pytest.mark.parametrize("amount", [0, 799_999, 1_000_001, -1])
def test_amounts_outside_the_range_are_refused(amount: int) -> None:
    parking = next(row for row in TABLE.offence if row.number == "6.3.e")
    with pytest.raises(BadReasonError, match="expected 800000 to 1000000"):
        stamp(TABLE, parking, amount_vnd=amount)


def test_versions_of_one_clause_do_not_overlap() -> None:
    def overlap(one: Offence, other: Offence) -> bool:
        return one.from_ <= (other.to or date.max) and other.from_ <= (one.to or date.max)

    for one in TABLE.offence:
        for other in TABLE.offence:
            same = (one.number, one.kinds) == (other.number, other.kinds)
            assert one.id == other.id or not same or not overlap(one, other), (one.id, other.id)


@pytest.mark.parametrize(
    ("label", "change", "says"),
    [
        ("upper end first", ("[18000000, 20000000]", "[20000000, 18000000]"), "lower end comes first"),
        (
            "ends before it begins",
            ("from = 2025-01-01\nto = 2026-08-14", "from = 2025-01-01\nto = 2024-01-01"),
            "before",
        ),
        ("an id twice", ('id = "nd168-6-2-dd"', 'id = "nd168-6-3-e"'), "ids given twice"),
        ("unknown key", ("points = 4", "point_count = 4"), "point_count"),
        ("no TOML", ("[[offence]]", "[[offence"), "not readable"),
    ],
)
def test_wrong_tables_are_refused_with_the_place(
    tmp_path: Path, label: str, change: tuple[str, str], says: str
) -> None:
    from cases.law.table import SEED

    text = SEED.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "offences.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        read_table(path)

"""Labels that somebody who looked found wrong: what the table says of them, and that it names no plate."""

from pathlib import Path

import pytest

from models.recipes.plate.labels import FAULTS, Fault, as_shown, faults_of
from models.recipes.plate.measure import real_crops

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "plates"


@pytest.mark.parametrize(
    ("label", "faults", "shown"),
    [
        pytest.param("29E112345", [], "29E112345", id="nothing wrong"),
        pytest.param("29E712345", [Fault(4, "7", "1")], "29E112345", id="another character"),
        pytest.param("29E11245", [Fault(7, "", "3")], "29E112345", id="one left out"),
        pytest.param("29E11234", [Fault(9, "", "5")], "29E112345", id="the last left out"),
        pytest.param("29E1235", [Fault(4, "", "1"), Fault(7, "", "4")], "29E112345", id="two, counted in the label"),
        pytest.param("29E1123345", [Fault(7, "3", "")], "29E112345", id="one too many"),
    ],
)
def test_a_label_as_the_picture_shows_it(label: str, faults: list[Fault], shown: str) -> None:
    assert as_shown(label, faults) == shown
    assert as_shown(label, faults[::-1]) == shown


@pytest.mark.parametrize("fault", [Fault(4, "1", "7"), Fault(9, "9", "1"), Fault(12, "", "1")])
def test_a_fault_that_the_label_does_not_have_is_refused(fault: Fault) -> None:
    with pytest.raises(ValueError, match=f"at place {fault.place}"):
        as_shown("29E71234", [fault])


def test_the_table_holds_single_characters_and_no_plate() -> None:
    folders = {folder: faults_of(folder) for folder in ("vito_moto_tworow", "vito_car_onerow")}
    assert [len(found) for found in folders.values()] == [22, 3]
    assert faults_of("another") == {}
    for fault in (fault for found in folders.values() for own in found.values() for fault in own):
        assert max(len(fault.written), len(fault.shown)) == 1
        assert fault.written != fault.shown
    assert all(len(row.split(",")) == 6 for row in FAULTS.read_text(encoding="utf-8").splitlines())


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/plates")
def test_the_table_fits_the_labels_it_is_about() -> None:
    crops = list(real_crops(REAL / "vito_car_onerow"))
    assert sum(crop.shown != crop.text for crop in crops) == 3

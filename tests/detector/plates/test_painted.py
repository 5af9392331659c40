"""What the number painted on a truck says of its plate: the same, another, alone; and what on a truck is no number."""

import pytest

from detector.plates.painted import Says, agreed, is_number, painted_number
from detector.plates.reading import Candidate, PlateReading, joined
from detector.types import ObjectClass

SURE = 0.92


def reading(*texts: tuple[str, float]) -> PlateReading:
    """One look at one row, as the grammar ranks what the network saw."""
    return PlateReading(candidates=joined(texts, (("", 1.0),)), vehicle=ObjectClass.TRUCK)


def told(*texts: tuple[str, float]) -> PlateReading:
    """A reading with these probabilities."""
    candidates = tuple(Candidate(rows=(text,), probability=p, valid=True) for text, p in texts)
    return PlateReading(candidates=candidates, vehicle=ObjectClass.TRUCK)


@pytest.mark.parametrize(
    ("seen", "number"),
    [
        pytest.param((("29C12345", 0.9),), True, id="a truck's number"),
        pytest.param((("29H1234", 0.9),), True, id="four digits"),
        pytest.param((("29LD12345", 0.9),), True, id="a special series"),
        pytest.param((("0912345678", 0.9),), False, id="a telephone number"),
        pytest.param((("98812345", 0.6), ("98B12345", 0.2)), False, id="part of one that the grammar would mend"),
        pytest.param((("9500KG", 0.9),), False, id="a load"),
        pytest.param((("15T", 0.9),), False, id="tons"),
        pytest.param((("TMBU1234567", 0.9),), False, id="a container's code"),
        pytest.param((("KA5918", 0.9),), False, id="an army plate, or a name before a number"),
        pytest.param((("T2912345", 0.9),), False, id="a temporary plate is paper"),
        pytest.param((("29AA12345", 0.9),), False, id="a motorbike's"),
        pytest.param((("29C12345", 0.005),), False, id="hardly seen"),
        pytest.param((), False, id="nothing"),
    ],
)
def test_only_what_a_trucks_plate_may_say_is_a_number(seen: tuple[tuple[str, float], ...], number: bool) -> None:
    assert is_number(reading(*seen)) is number


@pytest.mark.parametrize(
    ("plate", "painted", "says"),
    [
        pytest.param("51C70842", ["51C70842"], Says.AGREES, id="the same"),
        pytest.param("51C70842", ["51C70849"], Says.DIFFERS, id="another"),
        pytest.param("", ["51C70842"], Says.ALONE, id="no plate was read"),
        pytest.param("51C70842", [], None, id="nothing painted"),
        pytest.param("51C70842", ["51C70849", "60C11111"], None, id="two numbers: neither is told"),
    ],
)
def test_a_painted_number_agrees_differs_or_stands_alone(plate: str, painted: list[str], says: Says | None) -> None:
    own = told((plate, 0.8)) if plate else told()
    found = painted_number([told((text, 0.9)) for text in painted], own)
    assert (found.says if found else None) is says


def test_looks_at_one_number_vote_and_a_faint_one_is_not_told() -> None:
    looks = [told(("51C70842", 0.7), ("51C70849", 0.2)), told(("51C70849", 0.5), ("51C70842", 0.45))]
    found = painted_number([*looks, told(("51C70842", 0.8))], told())
    assert found is not None
    assert (found.reading.text, found.votes) == ("51C70842", 2)
    assert painted_number([told(("51C70842", 0.5))], told()) is None
    assert painted_number([told(("51C70842", 0.5))], told(("51C70849", 0.9))) is None
    faint = painted_number([told(("51C70842", 0.2))], told(("51C70842", 0.7)))
    assert faint is not None
    assert faint.says is Says.AGREES


@pytest.mark.parametrize(
    ("plate", "painted", "least", "most"),
    [
        pytest.param(0.8, 0.8, 0.99, 0.995, id="both likely"),
        pytest.param(0.8, 0.2, 0.90, 0.92, id="a faint number that says the same is no chance"),
        pytest.param(0.3, 0.1, 0.31, 0.33, id="two faint ones are not sure"),
        pytest.param(0.97, 0.01, 0.97, 0.98, id="agreement never lowers"),
        pytest.param(1.0, 1.0, 1.0, 1.0, id="no more than sure"),
    ],
)
def test_agreement_multiplies_the_odds(plate: float, painted: float, least: float, most: float) -> None:
    own = told(("51C70842", plate), ("51C70849", 1 - plate))
    raised = agreed(own, told(("51C70842", painted)))
    assert least <= raised.confidence <= most
    assert sum(candidate.probability for candidate in raised.candidates) == pytest.approx(1.0)
    assert raised.text == own.text

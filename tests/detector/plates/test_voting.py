"""Several looks at one plate: what they agree on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.plates.colour import Ground
from detector.plates.reading import Candidate, PlateReading, joined
from detector.plates.voting import voted
from detector.types import ObjectClass

Texts = tuple[tuple[str, float], ...]


def look(upper: Texts, lower: Texts = (("", 1.0),), ground: Ground | None = None) -> PlateReading:
    return PlateReading(candidates=joined(upper, lower), ground=ground)


def unsure(*rows: tuple[str, str, float]) -> PlateReading:
    """A two-row look with whole texts and their probabilities."""
    ranked = sorted(rows, key=lambda row: -row[2])
    return PlateReading(candidates=tuple(Candidate(rows=(a, b), probability=p, valid=True) for a, b, p in ranked))


def test_one_look_is_taken_as_it_is() -> None:
    only = look((("29E1", 0.9),), (("12345", 0.8),), Ground.WHITE)
    assert voted([only]).candidates == only.candidates


def test_each_place_is_decided_by_the_looks_that_saw_it() -> None:
    """No look reads the plate as a whole, all together do: each doubts another character."""
    looks = [
        unsure(("29E1", "12345", 0.5), ("29F1", "12345", 0.45)),
        unsure(("29E1", "12845", 0.5), ("29E1", "12345", 0.45)),
        unsure(("29E1", "12346", 0.5), ("29E1", "12345", 0.45)),
    ]
    common = voted(looks)
    assert common.text == "29E112345"
    assert common.confidence > 0.6


def test_a_sharp_look_outweighs_two_blurred_ones() -> None:
    blurred = unsure(("29F1", "12345", 0.3), ("29E1", "12345", 0.2))
    assert voted([blurred, unsure(("29E1", "12345", 0.97)), blurred]).text == "29E112345"


def test_agreement_raises_confidence_but_the_same_fault_five_times_is_not_certainty() -> None:
    one = unsure(("29E1", "12345", 0.6), ("29E1", "12845", 0.35))
    assert one.confidence < voted([one] * 5).confidence < 0.9


def test_the_commoner_length_wins_and_its_doubt_stays() -> None:
    short, long = unsure(("29E1", "1234", 0.8)), unsure(("29E1", "12345", 0.8))
    common = voted([long, short, long])
    assert common.text == "29E112345"
    assert common.confidence < 0.85


def test_illegible_looks_say_nothing() -> None:
    nothing = PlateReading(candidates=(), vehicle=ObjectClass.CAR)
    faint = unsure(("29E1", "12345", 0.01))
    assert voted([nothing, faint]).candidates == ()
    assert voted([nothing, unsure(("29E1", "12345", 0.9))]).confidence == 0.9
    assert voted([nothing]).vehicle is ObjectClass.CAR
    assert voted([]).text == ""


def test_the_ground_most_looks_told() -> None:
    looks = [look((("30K12345", 0.9),), ground=g) for g in (Ground.WHITE, None, Ground.YELLOW, Ground.YELLOW)]
    assert voted(looks).ground is Ground.YELLOW


rows = st.tuples(st.sampled_from(["29E1", "29F1", "30K", "51FG"]), st.sampled_from(["12345", "1234", "12845", "0"]))
candidates = st.dictionaries(rows, st.floats(0.02, 1), min_size=1, max_size=4).map(
    lambda found: unsure(*((a, b, p / max(sum(found.values()), 1)) for (a, b), p in found.items()))
)


@settings(max_examples=60)
@given(st.lists(candidates, max_size=6))
def test_candidates_are_probabilities_in_order(looks: list[PlateReading]) -> None:
    common = voted(looks)
    given_out = [candidate.probability for candidate in common.candidates]
    assert given_out == sorted(given_out, reverse=True)
    assert sum(given_out) <= 1 + 1e-9
    assert len({candidate.text for candidate in common.candidates}) == len(given_out)


@pytest.mark.parametrize(
    ("upper", "lower", "text", "rows", "valid"),
    [
        pytest.param((("29E1", 0.9),), (("12345", 0.9),), "29E112345", 2, True, id="two rows"),
        pytest.param((("30K12345", 0.9),), (("", 0.99),), "30K12345", 1, True, id="one row"),
        pytest.param((("2PE1", 0.6), ("29E1", 0.3)), (("12345", 1.0),), "29E112345", 2, True, id="grammar as prior"),
        pytest.param((("2PE1", 0.99), ("29E1", 0.004)), (("12345", 1.0),), "2PE112345", 2, False, id="clear nonsense"),
        pytest.param((("30K", 0.5), ("30K1", 0.4)), (("12345", 0.5), ("2345", 0.4)), "30K12345", 2, True, id="split"),
    ],
)
def test_rows_join_to_texts(upper: Texts, lower: Texts, text: str, rows: int, valid: bool) -> None:
    reading = look(upper, lower)
    assert (reading.text, reading.rows, reading.valid) == (text, rows, valid)


def test_a_text_split_in_two_ways_counts_as_one() -> None:
    reading = look((("30K", 0.5), ("30K1", 0.5)), (("12345", 0.5), ("2345", 0.5)))
    assert [candidate.text for candidate in reading.candidates].count("30K12345") == 1
    assert reading.confidence == pytest.approx(0.5)


def test_nothing_legible_has_no_text() -> None:
    reading = look((("", 1.0),), (("", 1.0),))
    assert (reading.text, reading.rows, reading.confidence, reading.shown, reading.sure(0.0)) == ("", 0, 0.0, "", False)


WHOLE = ("29E1", "12345", 0.6)


@pytest.mark.parametrize(
    ("looks", "text"),
    [
        pytest.param([WHOLE, WHOLE, ("29E1", "1234", 0.9)], "29E112345", id="cut at the right"),
        pytest.param([WHOLE, WHOLE, ("9E1", "2345", 0.9)], "29E112345", id="cut at the left"),
        pytest.param([("29E1", "12345", 0.4), ("29E1", "1234", 0.8)], "29E11234", id="one look may see an edge as a 1"),
        pytest.param([("29E1", "12345", 0.2)] * 2 + [("29E1", "1234", 0.9)], "29E11234", id="too faint to be whole"),
        pytest.param([("29E1", "1234", 0.93)] * 3 + [("29E1", "12341", 0.31)] * 2, "29E11234", id="nor two of five"),
        pytest.param([WHOLE, WHOLE, ("30K", "1234", 0.9)], "30K1234", id="another plate was not cut from it"),
    ],
)
def test_half_a_plate_read_surely_does_not_outvote_a_whole_one(looks: Texts, text: str) -> None:
    assert voted([unsure(one) for one in looks]).text == text


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param((("123.45", 0.99), ("123.45", 0.99), ("123.4", 0.99), ("123.4", 0.99)), id="two against two"),
        pytest.param((("123.45", 0.99), ("123.45", 0.99), ("123.4", 0.4), ("123.4", 0.4)), id="two of them doubtful"),
        pytest.param((("123.45", 0.99), ("123.4", 0.99)), id="one against one"),
        pytest.param((("123.45", 0.99), ("123.45", 0.99), ("123.46", 0.99), ("123.46", 0.99)), id="one character"),
    ],
)
def test_a_tie_is_never_sure(looks: Texts) -> None:
    tied = [unsure(("30K", lower.replace(".", ""), likely)) for lower, likely in looks]
    for order in (tied, tied[::-1]):
        assert voted(order).text in {"30K12345", "30K1234", "30K12346"}
        assert voted(order).confidence < 0.8

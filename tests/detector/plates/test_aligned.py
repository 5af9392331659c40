"""Looks lined up place by place: what that adds to the first vote."""

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.plates.aligned import aligned
from detector.plates.alphabet import COLUMN_OF
from detector.plates.reading import Candidate, PlateReading
from detector.plates.views import candidates_of
from detector.plates.voting import voted
from tests.detector.plates.test_views import view


def look(lower: str, *, upper: str = "29E1", doubt: tuple[int, str, float] | None = None) -> PlateReading:
    seen = view(upper, lower, doubt=doubt)
    candidates, views = candidates_of(seen, lambda: [view(upper, lower, doubt=doubt, shift=1)])
    return PlateReading(candidates=candidates, views=views)


def without_views(looks: Sequence[PlateReading]) -> list[PlateReading]:
    return [PlateReading(candidates=one.candidates) for one in looks]


def test_looks_that_agree_are_surer_together_and_never_certain() -> None:
    one = look("12345", doubt=(2, "8", 0.35))
    common = voted([one, one, one])
    assert common.text == "29E112345"
    assert one.confidence < common.confidence < 0.95


def test_one_look_that_says_another_plate_cannot_forbid_what_four_saw() -> None:
    looks = [look("12345", doubt=(3, "1", 0.2)) for _ in range(4)]
    assert voted([*looks, look("77777", upper="51F")]).text == "29E112345"


def test_how_common_a_form_is_counts_once_for_all_looks() -> None:
    """Five looks that see a T a little rather than a 1 are one plate of a commoner form: 29-E1, not 29-ET."""

    def unsure() -> PlateReading:
        seen = view("29E1", "12345")
        one, other = COLUMN_OF["1"], COLUMN_OF["T"]
        at = int(seen[0, :, one].argmax())
        seen[0, at, [one, other]] = np.log([0.42, 0.53]).astype(np.float32)
        candidates, views = candidates_of(seen, lambda: [seen])
        return PlateReading(candidates=candidates, views=views)

    assert voted([unsure() for _ in range(2)]).text == "29E112345"


def test_doubt_that_looks_share_stays() -> None:
    looks = [look("12345", doubt=(2, "8", 0.45)) for _ in range(5)]
    common = voted(looks)
    assert {c.text for c in common.candidates[:2]} == {"29E112345", "29E112845"}
    assert common.confidence < 0.75


def test_a_text_that_no_look_names_wins_where_each_look_sees_its_places() -> None:
    """Each look takes another character for a 9; none of their candidates is the plate."""
    looks = [look("12345", doubt=(n, "9", 0.97)) for n in range(5)]
    named = [PlateReading(candidates=one.candidates[:1], views=one.views) for one in looks]
    assert all(one.text != "29E112345" for one in named)
    assert voted(named).text == "29E112345"


def test_characters_count_wherever_they_lie_in_the_pictures() -> None:
    doubts = [(0, "7", 0.9), (4, "3", 0.9), None]
    looks = []
    for shift, doubt in enumerate(doubts):
        candidates, views = candidates_of(view("29E1", "12345", doubt=doubt, shift=shift), list)
        looks.append(PlateReading(candidates=candidates, views=views))
    assert voted(looks).text == "29E112345"


@pytest.mark.parametrize(
    ("looks", "same"),
    [
        pytest.param([], True, id="no vote"),
        pytest.param([look("12345"), PlateReading(candidates=look("12345").candidates)], True, id="one kept no views"),
        pytest.param([look("12345", doubt=(0, "7", 0.4))] * 2, False, id="all kept theirs"),
    ],
)
def test_without_every_views_the_vote_stays_as_it_is(looks: list[PlateReading], same: bool) -> None:
    common = voted(without_views(looks)).candidates
    assert (voted(looks).candidates == common) is same


def test_probabilities_of_texts_come_before_any_grammar() -> None:
    texts = aligned(("2PE1", "12345"), [look("12345", upper="2PE1")] * 2)
    assert max(texts, key=lambda rows: texts[rows]) == ("2PE1", "12345")
    assert 0.9 < sum(texts.values()) <= 1 + 1e-9


doubts = st.none() | st.tuples(st.integers(0, 4), st.sampled_from("3678"), st.floats(0.01, 0.9))
drawn = st.builds(
    look, st.sampled_from(["12345", "12845", "1234"]), upper=st.sampled_from(["29E1", "30K"]), doubt=doubts
)


@settings(max_examples=25, deadline=None)
@given(st.lists(drawn, min_size=2, max_size=5))
def test_aligned_candidates_are_probabilities_in_order(looks: list[PlateReading]) -> None:
    common = voted(looks)
    given_out = [candidate.probability for candidate in common.candidates]
    assert given_out == sorted(given_out, reverse=True)
    assert 0 < sum(given_out) <= 1 + 1e-9
    assert len({candidate.text for candidate in common.candidates}) == len(given_out)
    assert all(isinstance(candidate, Candidate) for candidate in common.candidates)


def test_a_dark_view_breaks_nothing() -> None:
    dark = np.full((1, 2, 24, view("29E1", "12345").shape[2]), -50.0, np.float32)
    blind = PlateReading(candidates=look("12345").candidates, views=dark)
    assert voted([blind, look("12345")]).text == "29E112345"


def test_doubt_about_how_many_characters_there_are_stays() -> None:
    looks = [look("12345"), look("12345"), look("1234"), look("1234", upper="30K")]
    common = voted(looks)
    assert common.text == "29E112345"
    assert common.confidence < 0.9


@pytest.mark.parametrize(
    ("looks", "text"),
    [
        pytest.param([look("1234")] * 3 + [look("12341")] * 2, "29E11234", id="an edge at the right"),
        pytest.param([look("1234")] * 4 + [look("11234")] * 2, "29E11234", id="an edge at the left"),
        pytest.param([look("11234")] * 3 + [look("1234")] * 2, "29E111234", id="cut at the left"),
    ],
)
def test_two_looks_that_take_an_edge_for_a_1_outvote_no_majority(looks: list[PlateReading], text: str) -> None:
    assert voted(looks).text == text


def test_a_look_of_another_length_says_nothing_of_single_places() -> None:
    looks = [look("12345", doubt=(2, "8", 0.3))] * 2
    alone, common = voted(looks), voted([*looks, look("777", upper="51F")])
    one, two = (made.candidates[1].probability / made.candidates[0].probability for made in (alone, common))
    assert one == pytest.approx(two)


@pytest.mark.parametrize("rows", [("30K12345", ""), ("", "30K12345")], ids=["upper", "lower"])
def test_a_single_row_is_read_wherever_it_is_seen(rows: tuple[str, str]) -> None:
    upper, lower = rows
    assert voted([look(lower, upper=upper)] * 3).text == "30K12345"


@settings(max_examples=25, deadline=None)
@given(st.lists(drawn, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_looks_decides_nothing(looks: list[PlateReading], random: Random) -> None:
    mixed = random.sample(looks, len(looks))
    chances, again = ({c.text: c.probability for c in voted(seen).candidates} for seen in (looks, mixed))
    assert chances == pytest.approx(again, abs=1e-4)

"""Whole texts scored in all looks: what that adds to the vote per character."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.plates.reading import Candidate, PlateReading
from detector.plates.rescoring import rescored
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


def test_doubt_that_looks_share_stays() -> None:
    looks = [look("12345", doubt=(2, "8", 0.45)) for _ in range(5)]
    common = voted(looks)
    assert {c.text for c in common.candidates[:2]} == {"29E112345", "29E112845"}
    assert common.confidence < 0.75


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
    assert (rescored(common, looks) == common) is same


def test_a_vote_that_names_nothing_stays_empty() -> None:
    assert rescored((), [look("12345")]) == ()


doubts = st.none() | st.tuples(st.integers(0, 4), st.sampled_from("3678"), st.floats(0.01, 0.9))
drawn = st.builds(
    look, st.sampled_from(["12345", "12845", "1234"]), upper=st.sampled_from(["29E1", "30K"]), doubt=doubts
)


@settings(max_examples=25, deadline=None)
@given(st.lists(drawn, min_size=2, max_size=5))
def test_rescored_candidates_are_probabilities_in_order(looks: list[PlateReading]) -> None:
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


@settings(max_examples=25, deadline=None)
@given(st.lists(drawn, min_size=2, max_size=5), st.floats(0.3, 0.99))
def test_no_text_grows_at_the_cost_of_texts_that_nobody_names(looks: list[PlateReading], named: float) -> None:
    """What the vote leaves to texts it does not name is the least that is left to them afterwards."""
    common = voted(without_views(looks)).candidates
    share = named / sum(candidate.probability for candidate in common)
    made = rescored([replace(c, probability=c.probability * share) for c in common], looks)
    assert sum(candidate.probability for candidate in made) <= named + 0.002


@pytest.mark.parametrize("unnamed", [0.11, 0.15, 0.4])
def test_looks_that_agree_lift_no_vote_over_the_threshold_on_unnamed_probability(unnamed: float) -> None:
    looks = [look("12345") for _ in range(3)]
    vote = Candidate(rows=("29E1", "12345"), probability=1 - unnamed, valid=True)
    best = rescored([vote], looks)[0]
    assert best.text == vote.text
    assert not PlateReading(candidates=(best,)).sure(0.9)

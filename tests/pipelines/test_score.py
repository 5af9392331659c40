"""The scorer: every clause of the contract's matching, and error texts that name the line."""

import json

import pytest

from detector.types import ConfigError
from pipelines.score import ScoredEvent, Truth, load_events, load_truths, match_events, score_events

BOX = (100.0, 100.0, 200.0, 200.0)


def event(*, t_s=5.0, box=BOX, start_s=3.0, end_s=7.0, kind="wrong_way", video="a.mp4", vehicle="car", path=None):
    rows = path or ((t_s, *box),)
    return ScoredEvent(video=video, kind=kind, start_s=start_s, end_s=end_s, vehicle=vehicle, path=rows)


def truth(*, t_s=5.0, box=BOX, start_s=3.0, end_s=7.0, kind="wrong_way", video="a.mp4", optional=False):
    return Truth(video=video, kind=kind, start_s=start_s, end_s=end_s, t_s=t_s, xyxy=box, optional=optional)


def counts(events, truths):
    overall = score_events(events, truths)["overall"]
    return overall["tp"], overall["fp"], overall["fn"]


PAIRS = [
    ("the same", event(), truth(), True),
    ("row exactly 1.0 s away", event(t_s=6.0), truth(), True),
    ("row 1.1 s away", event(t_s=6.1), truth(), False),
    ("IoU 0.333", event(box=(150, 100, 250, 200)), truth(), True),
    ("IoU 0.25", event(box=(160, 100, 260, 200)), truth(), False),
    ("intervals touch", event(start_s=7.0, end_s=9.0), truth(), True),
    ("intervals apart", event(start_s=7.1, end_s=9.0), truth(), False),
    ("another video", event(video="b.mp4"), truth(), False),
    ("another kind", event(kind="no_entry"), truth(), False),
    ("held within, not goods", event(box=(110, 110, 140, 140)), truth(), False),
    (
        "goods held within",
        event(kind="sidewalk_encroachment", vehicle=None, box=(110, 110, 140, 140)),
        truth(kind="sidewalk_encroachment"),
        True,
    ),
    (
        "goods holding the truth",
        event(kind="sidewalk_encroachment", vehicle=None, box=(0, 0, 600, 600)),
        truth(kind="sidewalk_encroachment"),
        True,
    ),
    (
        "goods at IoU 0.2",
        event(kind="sidewalk_encroachment", vehicle=None, box=(166, 100, 266, 200)),
        truth(kind="sidewalk_encroachment"),
        True,
    ),
    (
        "goods at IoU 0.1, half held",
        event(kind="sidewalk_encroachment", vehicle=None, box=(182, 100, 282, 200)),
        truth(kind="sidewalk_encroachment"),
        False,
    ),
    (
        "a parked vehicle at IoU 0.2",
        event(kind="sidewalk_encroachment", vehicle="car", box=(166, 100, 266, 200)),
        truth(kind="sidewalk_encroachment"),
        False,
    ),
    ("goods of another kind of act", event(vehicle=None, box=(166, 100, 266, 200)), truth(), False),
]


@pytest.mark.parametrize(("found", "real", "matches"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_pair(found, real, matches):
    assert counts([found], [real]) == ((1, 0, 0) if matches else (0, 1, 1))


def test_the_row_nearest_in_time_decides():
    wrong_then_right = event(path=((4.9, 0, 0, 50, 50), (5.4, *BOX)))
    assert counts([wrong_then_right], [truth()]) == (0, 1, 1)


def test_no_double_assignment_of_an_event():
    assert counts([event()], [truth(), truth(box=(105, 100, 205, 200))]) == (1, 0, 1)


def test_no_double_assignment_of_a_truth():
    assert counts([event(), event()], [truth()]) == (1, 1, 0)


def test_most_overlap_is_assigned_first():
    events = [event(box=(120, 100, 220, 200)), event()]
    matches = match_events(events, [truth()])
    assert [(match.event, match.truth) for match in matches] == [(1, 0)]


def test_greedy_order_is_by_overlap_and_not_by_most_matches():
    near, far = truth(box=(100, 100, 200, 200)), truth(box=(140, 100, 240, 200))
    events = [event(box=(110, 100, 210, 200)), event(box=(60, 100, 160, 200))]
    pairs = {(match.event, match.truth) for match in match_events(events, [near, far])}
    assert pairs == {(0, 0)}, "the best pair is fixed first, although 0-1 and 1-0 would have been two matches"


def test_an_unmatched_optional_truth_is_no_miss():
    assert counts([], [truth(optional=True)]) == (0, 0, 0)


def test_an_event_on_an_optional_truth_is_no_false_alarm_and_no_hit():
    assert counts([event()], [truth(optional=True)]) == (0, 0, 0)


def test_a_second_event_on_an_optional_truth_is_a_false_alarm():
    assert counts([event(), event()], [truth(optional=True)]) == (0, 1, 0)


def test_at_equal_overlap_the_truth_that_counts_is_served_first():
    assert counts([event()], [truth(optional=True), truth()]) == (1, 0, 0)


def test_rates_and_start_error_per_kind():
    events = [event(start_s=3.3), event(kind="no_entry"), event(t_s=50.0, start_s=49.0, end_s=51.0)]
    truths = [truth(), truth(t_s=20.0, start_s=19.0, end_s=21.0, box=(0, 0, 10, 10))]
    score = score_events(events, truths)
    assert score["kinds"]["wrong_way"] == {
        "tp": 1,
        "fp": 1,
        "fn": 1,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "start_rmse_s": 0.3,
    }
    assert score["kinds"]["no_entry"]["fp"] == 1
    assert (score["overall"]["tp"], score["overall"]["fp"], score["overall"]["fn"]) == (1, 2, 1)
    assert list(score["kinds"]) == ["no_entry", "wrong_way"]


UNDEFINED = [
    ("nothing at all", [], [], (None, None, None)),
    ("only a false alarm", [event()], [], (0.0, None, 0.0)),
    ("only a miss", [], [truth()], (None, 0.0, 0.0)),
]


@pytest.mark.parametrize(
    ("events", "truths", "rates"), [row[1:] for row in UNDEFINED], ids=[row[0] for row in UNDEFINED]
)
def test_undefined_rates_are_null(events, truths, rates):
    overall = score_events(events, truths)["overall"]
    assert (overall["precision"], overall["recall"], overall["f1"]) == rates
    assert overall["start_rmse_s"] is None


def test_the_result_is_json():
    assert json.loads(json.dumps(score_events([event()], [truth()])))["overall"]["f1"] == 1.0


def line(**changes):
    good = {"video": "a.mp4", "kind": "wrong_way", "start_s": 3, "end_s": 7, "t_s": 5, "xyxy": [1, 2, 3, 4]}
    return json.dumps({key: value for key, value in (good | changes).items() if value is not ...})


FAULTS = [
    ("not json", "{", "line 2: not JSON"),
    ("not an object", "[1]", "line 2: "),
    ("missing key", line(t_s=...), "line 2: t_s: missing"),
    ("unknown kind", line(kind="speeding"), "line 2: kind: "),
    ("short box", line(xyxy=[1, 2, 3]), "line 2: xyxy.3: missing"),
    ("no number", line(start_s="soon"), "line 2: start_s: "),
    ("ends before it starts", line(end_s=1), "line 2: end_s 1.0 lies before start_s 3.0"),
    ("not a finite number", line(t_s=float("nan")), "line 2: t_s: "),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_faulty_line_is_named(tmp_path, text, message):
    path = tmp_path / "truth.jsonl"
    path.write_text(f"{line()}\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        load_truths(path)
    assert str(fault.value).startswith(f"{path}: {message}")


def test_empty_lines_and_further_keys_are_allowed(tmp_path):
    path = tmp_path / "truth.jsonl"
    path.write_text(f"\n{line(note='by eye')}\n\n", encoding="utf-8")
    assert load_truths(path)[0].t_s == 5.0


def test_a_byte_order_mark_and_line_separators_in_names_are_taken_as_they_are(tmp_path):
    line = json.dumps(truth(video="a\u2028b.mp4").model_dump(), ensure_ascii=False)
    (tmp_path / "truth.jsonl").write_text(f"\ufeff{line}\r\n{line}\n", encoding="utf-8")
    assert [one.video for one in load_truths(tmp_path / "truth.jsonl")] == ["a\u2028b.mp4"] * 2


def test_events_need_a_path(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(line(path=[]) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1: path: "):
        load_events(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.jsonl: cannot be read"):
        load_truths(tmp_path / "gone.jsonl")

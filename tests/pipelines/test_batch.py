"""The main job over whole recordings: the same bytes from every run, nothing twice."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import cv2
import pytest

from cases.evidence import FolderStore, verify_bundle
from cases.tracks import tracks_folder
from cases.trial import Effect, TrialOutcome, run_trial
from detector.gate.need import LEAST_HZ
from detector.inference import default_registry_path
from pipelines.job import JobStoppedError
from pipelines.progress import BatchProgress
from pipelines.scene_file import load_scene
from pipelines.video import ReadCounters, open_recording
from tests.footage_maker import write_pictures
from tests.pipelines.street import (
    BY_DAY,
    RIDES_S,
    SIZE_WH,
    Street,
    cases_in,
    events_of,
    make_street,
    picture,
    run,
    write_registry,
    write_scene,
)

EIGHT_O_CLOCK = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
"""08:00 in Hanoi, a Wednesday."""
MIDNIGHT = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def ran(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events and the data of one run."""
    folder = tmp_path_factory.mktemp("ran")
    result = run(street.video, scene=street.scene, data=folder / "data", events=folder / "events.jsonl")
    assert result.faults == ()
    return folder


@pytest.fixture
def copied(street: Street, tmp_path: Path) -> Callable[[str], Path]:
    """The street's recording under another name."""

    def copy(name: str) -> Path:
        return Path(shutil.copy(street.video, tmp_path / name))

    return copy


def test_every_ride_against_the_lane_is_one_event_and_one_case_with_evidence(ran: Path) -> None:
    events = events_of(ran / "events.jsonl")
    assert [(event["kind"], event["vehicle"], event["zone_id"]) for event in events] == [
        ("wrong_way", "motorcycle", "down")
    ] * len(RIDES_S)
    assert [event["start_s"] for event in events] == pytest.approx(RIDES_S, abs=0.5)
    cases = cases_in(ran / "data")
    assert [case.violation_id for case in cases] == [event["violation_id"] for event in events]
    for case in cases:
        assert verify_bundle(ran / "data" / "evidence" / case.evidence_location).faults == ()


def test_which_network_serves_what_is_told_at_start(
    street: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[dict[str, str]] = []
    registry = write_registry(tmp_path / "city.toml", alone=False)
    video, data = tmp_path / "none.mp4", tmp_path / "data"
    run(video, scene=street.scene, data=data, on_networks=told.append, registry=registry)
    (serving,) = told
    assert serving["detect"] == f"scripted ({tmp_path})"
    assert serving["near"] == f"near-n ({default_registry_path().parent})"
    with BatchProgress() as progress:
        progress.tell_networks(serving)
    assert f"detect {serving['detect']}, " in capsys.readouterr().err


def test_paths_follow_the_vehicle_at_least_once_a_second(ran: Path) -> None:
    for number, event in enumerate(events_of(ran / "events.jsonl")):
        times_s = [row[0] for row in event["path"]]
        assert times_s[0] <= event["start_s"] and times_s[-1] >= event["end_s"] - 0.2
        assert all(0 < b - a <= 1.0 for a, b in pairwise(times_s))
        for t_s, x1, _, x2, y2 in event["path"]:
            assert (x1 + x2) / 2 == pytest.approx(80 + 100 * number, abs=6)
            assert y2 == pytest.approx(352 - (t_s - RIDES_S[number]) * 32, abs=8)


def test_two_runs_give_the_same_bytes(ran: Path, street: Street, tmp_path: Path) -> None:
    run(street.video, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert (tmp_path / "events.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()


def test_what_was_tracked_is_kept_and_gives_the_same_acts_again(ran: Path) -> None:
    root, scene = tracks_folder(ran / "data"), ran / "data" / "scene.yaml"
    *_, outcome = run_trial(root, "HN-TEST-1", load_scene(write_scene(scene)).scene, hours=1)
    assert isinstance(outcome, TrialOutcome)
    assert outcome.counts == {Effect.APPEARS: 0, Effect.VANISHES: 0, Effect.STAYS: len(RIDES_S)}
    starts = [case.start_s for case in cases_in(ran / "data")]
    assert [act.start_s for act in outcome.acts] == pytest.approx(starts, abs=0.21)


def test_the_length_of_segments_changes_no_byte(ran: Path, street: Street, tmp_path: Path) -> None:
    run(street.video, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl", segment_s=0.7)
    assert (tmp_path / "events.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()


def test_a_second_run_has_nothing_to_do_and_writes_the_same_file(ran: Path, street: Street, tmp_path: Path) -> None:
    shutil.copytree(ran / "data", tmp_path / "data")
    before = {case.id: case.opened_at for case in cases_in(tmp_path / "data")}
    analysed = []
    result = run(
        street.video,
        scene=street.scene,
        data=tmp_path / "data",
        events=tmp_path / "again.jsonl",
        on_progress=lambda *told: analysed.append(told),
    )
    assert analysed == []
    assert (tmp_path / "again.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()
    assert {case.id: case.opened_at for case in cases_in(tmp_path / "data")} == before
    assert not any(case.created for case in result.results[0].cases)


def test_a_case_lost_from_the_database_is_opened_again_from_its_bundle(
    ran: Path, street: Street, tmp_path: Path
) -> None:
    shutil.copytree(ran / "data", tmp_path / "data")
    for path in (tmp_path / "data").glob("phatnguoi.db*"):
        path.unlink()
    run(street.video, scene=street.scene, data=tmp_path / "data", events=tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()
    assert len(cases_in(tmp_path / "data")) == len(RIDES_S)


def test_stopped_and_started_again_it_goes_on(ran: Path, street: Street, tmp_path: Path) -> None:
    stop = Event()
    reached: list[float] = []

    def watch(_name: str, t_s: float, _length_s: float | None) -> None:
        reached.append(t_s)
        if t_s >= 9.0:
            stop.set()

    with pytest.raises(JobStoppedError):
        run(street.video, scene=street.scene, data=tmp_path, stop=stop, on_progress=watch, segment_s=2.0)
    reached.clear()
    result = run(
        street.video,
        scene=street.scene,
        data=tmp_path,
        events=tmp_path / "events.jsonl",
        on_progress=lambda _name, t_s, _length_s: reached.append(t_s),
        segment_s=2.0,
    )
    assert reached[0] >= 6.0
    assert result.results[0].counters == ReadCounters(frames=240), "nothing is counted twice"
    assert (tmp_path / "events.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()


def test_the_same_footage_under_another_name_opens_no_second_case(
    ran: Path, copied: Callable[[str], Path], street: Street, tmp_path: Path
) -> None:
    shutil.copytree(ran / "data", tmp_path / "data")
    run(copied("copy.mp4"), scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    events = events_of(tmp_path / "events.jsonl")
    assert {event["video"] for event in events} == {"copy.mp4"}
    assert len(events) == len(cases_in(tmp_path / "data")) == len(RIDES_S)


@pytest.mark.parametrize("cores", [2, 8])
def test_the_same_footage_given_twice_is_told_under_both_names(
    copied: Callable[[str], Path], street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    result = run(
        copied("a.mp4"), copied("b.mp4"), scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl"
    )
    assert result.faults == ()
    assert [event["video"] for event in events_of(tmp_path / "events.jsonl")] == ["a.mp4"] * 4 + ["b.mp4"] * 4
    assert len(cases_in(tmp_path / "data")) == len(RIDES_S)


def test_a_folder_of_pictures_is_a_recording(ran: Path, street: Street, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    write_pictures(folder, frames=0)
    for number in range(0, 240, 2):
        cv2.imwrite(str(folder / f"{number}.jpg"), picture(number, SIZE_WH))
    run(folder, scene=street.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl", picture_fps=5.0)
    events, usual = (events_of(path / "events.jsonl") for path in (tmp_path, ran))
    assert [(e["kind"], e["start_s"], e["end_s"]) for e in events] == [
        (e["kind"], e["start_s"], e["end_s"]) for e in usual
    ]
    assert {case.clock.value for case in cases_in(tmp_path / "data")} == {"NOMINAL"}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Street]:
    """The street with a lane that binds by day, recorded at a time that the container tells."""
    made: dict[str | None, Street] = {}

    def record(created: str | None) -> Street:
        if created not in made:
            metadata = {} if created is None else {"creation_time": created}
            made[created] = make_street(tmp_path_factory.mktemp("dated"), zone=BY_DAY, metadata=metadata)
        return made[created]

    return record


CALENDARS = {
    "--start by day": (None, EIGHT_O_CLOCK, 4, EIGHT_O_CLOCK, []),
    "--start as the camera's clock shows it": (None, datetime(2026, 3, 4, 8, 0), 4, EIGHT_O_CLOCK, []),
    "--start by night": (None, MIDNIGHT, 0, None, []),
    "container by day": ("2026-03-04T01:00:00Z", None, 4, EIGHT_O_CLOCK, ["container_time"]),
    "container by night": ("2026-03-04T17:00:00Z", None, 0, None, []),
    "--start goes before the container": ("2026-03-04T17:00:00Z", EIGHT_O_CLOCK, 4, EIGHT_O_CLOCK, []),
    "neither": (None, None, 4, None, ["no_calendar_time"]),
}


@pytest.mark.parametrize("label", CALENDARS)
def test_the_recording_is_put_on_the_calendar(
    dated: Callable[[str | None], Street], tmp_path: Path, label: str
) -> None:
    created, start_at, count, began_at, doubts = CALENDARS[label]
    mine = dated(created)
    run(mine.video, scene=mine.scene, data=tmp_path / "data", events=tmp_path / "events.jsonl", start_at=start_at)
    events, cases = events_of(tmp_path / "events.jsonl"), cases_in(tmp_path / "data")
    assert len(events) == len(cases) == count
    assert all(event["cannot_tell"] == doubts for event in events)
    for case in cases:
        assert case.calendar_known is (began_at is not None)
        assert case.cannot_tell == doubts
        if began_at is not None:
            assert case.occurred_at == began_at + timedelta(seconds=case.start_s)


def test_given_another_start_the_recording_is_judged_anew(
    dated: Callable[[str | None], Street], tmp_path: Path
) -> None:
    mine, path = dated(None), tmp_path / "events.jsonl"
    counts = []
    for start_at in (MIDNIGHT, EIGHT_O_CLOCK, MIDNIGHT):
        run(mine.video, scene=mine.scene, data=tmp_path / "data", events=path, start_at=start_at)
        counts.append(len(events_of(path)))
    assert counts == [0, 4, 0]


def test_recordings_follow_each_other_without_a_gap_as_long_as_their_lengths_are_known(
    many: list[Path], street: Street, tmp_path: Path
) -> None:
    good = [path for path in many if path.name.startswith("good")]
    data = tmp_path / "data"
    run(good[0], many[0], good[1], scene=street.scene, data=data, start_at=EIGHT_O_CLOCK)
    run(good[2], good[3], scene=street.scene, data=data, start_at=EIGHT_O_CLOCK)
    lengths_s = {path.name: open_recording(path).duration_s for path in good}
    began = {}
    for case in cases_in(data):
        name = next(path.name for path in good if open_recording(path).sha256 == case.source_id)
        began[name] = None if case.occurred_at is None else case.occurred_at - timedelta(seconds=case.start_s)
    second_s = lengths_s["good-2.mp4"]
    assert second_s is not None
    assert began == {
        "good-0.mp4": EIGHT_O_CLOCK,
        "good-1.mp4": None,
        "good-2.mp4": EIGHT_O_CLOCK,
        "good-3.mp4": EIGHT_O_CLOCK + timedelta(seconds=second_s),
    }, "behind a file of unknown length nothing is known"


def test_a_changed_scene_is_judged_anew_in_a_work_folder_of_its_own(ran: Path, street: Street, tmp_path: Path) -> None:
    shutil.copytree(ran / "data", tmp_path / "data")
    lawful = tmp_path / "scene.yaml"
    text = street.scene.read_text(encoding="utf-8").replace("[[320, 190], [320, 350]]", "[[320, 350], [320, 190]]")
    lawful.write_text(text, encoding="utf-8")
    run(street.video, scene=lawful, data=tmp_path / "data", events=tmp_path / "events.jsonl")
    assert all(event["vehicle"] != "motorcycle" for event in events_of(tmp_path / "events.jsonl"))
    assert len(list((tmp_path / "data" / "work").iterdir())) == 2


def test_progress_rises_to_the_end_of_each_recording(street: Street, tmp_path: Path) -> None:
    told: list[tuple[str, float, float | None]] = []
    run(street.video, scene=street.scene, data=tmp_path, on_progress=lambda *now: told.append(now))
    assert {name for name, _, _ in told} == {"street.mp4"}
    times_s = [t_s for _, t_s, _ in told]
    assert times_s == sorted(times_s)
    assert 24.0 - 1 / LEAST_HZ <= times_s[-1] <= 23.8
    assert {length_s for _, _, length_s in told} == {24.0}


def test_the_store_of_a_run_holds_no_leftovers(ran: Path) -> None:
    assert FolderStore(ran / "data" / "evidence").clear_unfinished() == ()
    assert list((ran / "data").rglob("*.partial")) == []

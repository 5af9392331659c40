"""Workers tell how their cameras are doing; the newest word counts, a dead worker is noticed, bad files harm nobody."""

from datetime import timedelta
from pathlib import Path

from cases.clock import utc_now
from cases.heartbeat import FORGOTTEN_AFTER, Beat, Beats, Heart, read_beats


def put(folder: Path, worker: str, *, ago: timedelta, state: str = "live") -> None:
    beats = Beats(worker=worker, at=utc_now() - ago, waiting=0, cameras=(Beat(camera_id="CAM-1", state=state),))
    (folder / "live").mkdir(exist_ok=True)
    (folder / "live" / f"{worker}.json").write_text(beats.model_dump_json())


def test_a_beat_is_read_back_and_taken_away_at_the_end(tmp_path: Path) -> None:
    heart = Heart(tmp_path)
    assert heart.beat([Beat(camera_id="CAM-1", state="live", lag_s=0.2, analysed=50)], waiting=3) == ""
    assert heart.beat([Beat(camera_id="CAM-1", state="lost")], waiting=3) == "", "too early: not written"
    ((beats, beat),) = read_beats(tmp_path, now=utc_now())
    assert (beats.waiting, beat.state, beat.lag_s, beat.analysed) == (3, "live", 0.2, 50)
    heart.stop()
    assert read_beats(tmp_path, now=utc_now()) == []


def test_the_newest_word_on_a_camera_counts_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    put(tmp_path, "a", ago=timedelta(minutes=2), state="lost")
    put(tmp_path, "b", ago=timedelta(seconds=2), state="live")
    put(tmp_path, "c", ago=FORGOTTEN_AFTER * 2, state="black")
    assert [(beats.worker, beat.state) for beats, beat in read_beats(tmp_path, now=utc_now())] == [("b", "live")]


def test_unreadable_files_and_folders_are_no_end(tmp_path: Path) -> None:
    assert read_beats(tmp_path, now=utc_now()) == []
    put(tmp_path, "a", ago=timedelta(0))
    for name, text in (("b.json", "{"), ("c.json", "[]"), ("d.new", "{}")):
        (tmp_path / "live" / name).write_text(text)
    assert len(read_beats(tmp_path, now=utc_now())) == 1
    (tmp_path / "file").write_text("")
    assert "cannot be written" in Heart(tmp_path / "file").beat([], waiting=0)

"""A street filmed by an analogue camera gives the acts of the same street filmed picture by picture."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cases.evidence import verify_bundle
from pipelines.observations import SEGMENT_S
from pipelines.video import open_recording, open_source
from pipelines.video.combing import COMBED, combed_share, rows_of
from tests.footage_maker import number_in
from tests.pipelines.live.seeing import open_seeing
from tests.pipelines.street import FPS, RIDES_S, Street, make_street, picture, run
from tests.pipelines.test_batch import cases_in, events_of
from tests.pipelines.video.fields import FIELD_S, FLAGGED, SIZE_WH, woven
from tests.pipelines.video.fields import street as street_at

TRAFFIC_PX = 170
THEIR_OWN = ("video", "violation_id", "facts")
"""What the two recordings' events differ in: ids are made of the file's content."""


OTHER = 0b1010101
"""Bits of the number in which the fields differ: who looks at both reads neither."""


def combed(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """The street with traffic on its lower part, each field at its moment."""
    first, second = picture(number, size_wh), picture(number ^ OTHER, size_wh)
    for field, t_s in ((first, number / FPS), (second, number / FPS + FIELD_S)):
        field[-TRAFFIC_PX:, : SIZE_WH[0]] = street_at(t_s)[:TRAFFIC_PX]
    return woven(first, second)


@pytest.fixture(scope="module", params=[FLAGGED, {}], ids=["said", "not said"])
def filmed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Street:
    return make_street(tmp_path_factory.mktemp("filmed"), picture=combed, options=request.param)


@pytest.fixture(scope="module")
def ran(filmed: Street, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return judged(filmed, tmp_path_factory.mktemp("ran"))


def judged(street: Street, folder: Path, *, segment_s: float = SEGMENT_S) -> Path:
    result = run(
        street.video,
        scene=street.scene,
        data=folder / "data",
        events=folder / "events.jsonl",
        open_network=open_seeing,
        segment_s=segment_s,
    )
    assert result.faults == ()
    return folder


def told(folder: Path) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in event.items() if key not in THEIR_OWN}
        for event in events_of(folder / "events.jsonl")
    ]


def test_its_events_are_those_of_the_street(ran: Path, street: Street, tmp_path: Path) -> None:
    plain = judged(street, tmp_path)
    assert len(told(plain)) == len(RIDES_S)
    assert told(ran) == told(plain)


def test_looked_at_as_they_are_its_pictures_would_give_others(
    filmed: Street, street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would show nothing."""
    monkeypatch.setattr("pipelines.video.source.SourceFrame.one_field", False)
    (tmp_path / "plain").mkdir()
    (tmp_path / "combed").mkdir()
    assert told(judged(filmed, tmp_path / "combed")) != told(judged(street, tmp_path / "plain"))


def test_two_runs_give_the_same_bytes_however_they_are_cut(ran: Path, filmed: Street, tmp_path: Path) -> None:
    again = judged(filmed, tmp_path, segment_s=3.0)
    assert (again / "events.jsonl").read_bytes() == (ran / "events.jsonl").read_bytes()


def test_the_stills_show_one_field_the_clip_both_and_the_case_says_so(ran: Path, filmed: Street) -> None:
    for case in cases_in(ran / "data"):
        folder = ran / "data" / "evidence" / case.evidence_location
        assert verify_bundle(folder).faults == ()
        assert case.facts["interlaced"] is True
        moments = json.loads((folder / "manifest.json").read_bytes())["violation"]["finding"]["moments"]
        for name, moment in moments.items():
            still = np.asarray(cv2.imread(str(folder / f"{name}.jpg")), np.uint8)
            assert number_in(still) == round(moment["t_s"] * FPS)
        clip = open_recording(folder / "clip.mp4")
        assert clip.interlaced
        rows = [rows_of(frame.raw) for frame in open_source(clip).frames()]
        shares = [combed_share(*three) for three in zip(rows, rows[1:], rows[2:], strict=False)]
        assert max(share for share in shares if share is not None) >= COMBED


def test_a_street_of_whole_pictures_says_nothing_of_fields(street: Street, tmp_path: Path) -> None:
    judged(street, tmp_path)
    assert all("interlaced" not in case.facts for case in cases_in(tmp_path / "data"))

"""A citizen's video through the same run, and an export whose clips show nobody but the vehicle."""

import asyncio
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import av
import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from api.app import create_app
from cases.accounts import add_user
from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form, report_row
from cases.clock import utc_now
from cases.database import open_database, read_transaction
from cases.exported import verify_export
from cases.faults import NotFoundError
from cases.logins import create_token
from cases.records import Case, ReportState
from cases.settings import Settings
from detector.types import ConfigError, SourceError
from phatnguoi import app
from pipelines.clip_process import clips_apart, run_apart
from pipelines.intake import IntakeRequest, IntakeResult, run_intake
from pipelines.redaction import box_at
from pipelines.video import ClipWindow, Recording, cut_clip
from pipelines.video.recording import file_sha256
from tests.cases.installation import street_jpeg
from tests.footage_maker import write_video
from tests.pipelines.street import FPS, FRAMES, SIZE_WH, Street, open_scripted, picture

GIVEN = {"place": "Phố Thử", "ward": "Hoàn Kiếm", "what": "wrong_way"}


@pytest.fixture(scope="module")
def data(street: Street, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A data folder with one report that holds the street's video; (settings, number of the report)."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    report_id = received(settings, street.video)
    database = open_database(settings.database)
    add_user(database.sessions, name="chi.huy", password=None, role="commander", subject="chi.huy")
    database.close()
    return settings, report_id


def received(settings: Settings, *videos: Path) -> str:
    """The number of a report with these videos and a photo."""
    database = open_database(settings.database)
    form = report_form(occurred_at=utc_now() - timedelta(hours=1), **GIVEN)
    uploads = [*(Upload("x.mp4", [video.read_bytes()]) for video in videos), Upload("x.jpg", [street_jpeg()])]
    done = receive(database.sessions, settings.citizen_files, form=form, uploads=uploads, largest_bytes=1 << 26,
                   now=utc_now())  # fmt: skip
    database.close()
    return done.report.id


def take_in(street: Street, data: tuple[Settings, str], scene: Path, report_id: str | None = None) -> IntakeResult:
    request = IntakeRequest(report_id=report_id or data[1], scene=scene, network=None, registry=street.registry)
    return run_intake(request, data[0], stop=Event(), on_progress=lambda *_: None, open_network=open_scripted)


def citizens_scene(street: Street, tmp_path: Path) -> Path:
    text = street.scene.read_text(encoding="utf-8").replace("ward: Hoàn Kiếm}", "ward: Hoàn Kiếm, source: citizen}")
    path = tmp_path / "citizen.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_videos_of_a_report_open_cases_on_the_citizens_track_once(
    street: Street, data: tuple[Settings, str], tmp_path: Path
) -> None:
    scene = citizens_scene(street, tmp_path)
    first = take_in(street, data, scene)
    assert (first.videos, len(first.cases), first.faults) == (1, 4, ())
    assert take_in(street, data, scene).cases == first.cases
    database = open_database(data[0].database)
    row = report_row(database.sessions, data[1])
    assert (row.state, row.cases) == (ReportState.PROCESSED, list(first.cases))
    with read_transaction(database.sessions) as session:
        found = [session.get_one(Case, case_id) for case_id in first.cases]
        assert {case.source_kind for case in found} == {"citizen"}
        assert all(case.occurred_at and case.occurred_at < datetime.now(UTC) for case in found)
    database.close()
    check_export(by_command(data[0], first.cases[0], tmp_path / "command.zip"), tmp_path / "command")
    check_export(over_http(data[0], first.cases[0], tmp_path / "http.zip"), tmp_path / "http")


def test_what_one_video_led_to_is_noted_though_our_code_breaks_on_another(
    street: Street, data: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(recording: Recording, *window: object) -> ClipWindow:
        if recording.sha256 == file_sha256(street.video):
            raise ZeroDivisionError
        return cut_clip(recording, *window)  # type: ignore[arg-type]

    monkeypatch.setattr("pipelines.footage.cut_clip", broken)
    other = write_video(tmp_path / "other.mp4", frames=FRAMES - 2, fps=FPS, size_wh=SIZE_WH, picture=picture)
    settings = Settings(data_dir=tmp_path / "data")
    report_id = received(settings, street.video, other)
    done = take_in(street, (settings, report_id), citizens_scene(street, tmp_path))
    assert [type(defect) for defect in done.defects] == [ZeroDivisionError]
    assert (done.videos, done.faults) == (2, ()) and done.cases
    database = open_database(settings.database)
    assert report_row(database.sessions, report_id).cases == list(done.cases)
    database.close()


def over_http(settings: Settings, case_id: str, out: Path) -> Path:
    """What the console gets: the same export, its clips redacted in a process of their own."""
    server = create_app(settings, clips=clips_apart)
    token = create_token(server.state.context.sessions, name="chi.huy", days=1).secret

    async def asked() -> tuple[httpx.Response, httpx.Response]:
        headers, inside = {"Authorization": f"Bearer {token}"}, httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(transport=inside, base_url="http://here", headers=headers) as client:
            export = {"purpose": "court", "reason": "CV 12"}
            first = await client.post(f"/api/v1/cases/{case_id}/exports", json=export)
            return first, await client.get("/api/v1/audit/ledger", params={"case_id": case_id, "limit": 1})

    answer, log = asyncio.run(asked())
    server.state.context.database.close()
    assert answer.status_code == 200, answer.text
    told = log.json()["rows"][0]
    assert (told["kind"], told["actor"], told["details"]["reason"]) == ("export", "chi.huy", "CV 12")
    out.write_bytes(answer.content)
    return out


def by_command(settings: Settings, case_id: str, out: Path) -> Path:
    """What the command writes."""
    how = [
        "--for",
        "court",
        "--as",
        "chi.huy",
        "--reason",
        "CV 12",
        "--out",
        str(out),
        "--data",
        str(settings.data_dir),
    ]
    result = CliRunner().invoke(app, ["evidence", "export", case_id, *how], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out


def check_export(out: Path, folder: Path) -> None:
    """The exported clip: the motorcycle keeps its colour, the bars that number the frames are gone."""
    report = verify_export(out)
    assert report.intact, report
    with zipfile.ZipFile(out) as archive:
        names = [name for name in archive.namelist() if name.endswith((".mp4", ".mkv"))]
        assert sorted(names) == ["copies/clip.mp4", "original/clip.mp4"]
        archive.extractall(folder)
    fine = {}
    for name in names:
        with av.open(str(folder / name)) as clip:
            frames = [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]
            assert not clip.streams.audio
        fine[name] = (
            len(frames),
            max(float(np.abs(np.diff(frame[:100].astype(int), axis=1)).max()) for frame in frames),
        )
    assert fine["copies/clip.mp4"][0] == fine["original/clip.mp4"][0]
    assert fine["original/clip.mp4"][1] > 100
    assert fine["copies/clip.mp4"][1] < 60


def test_clip_that_kills_or_stalls_its_decoder_is_named_and_leaves_the_server_be(tmp_path: Path) -> None:
    damaged = tmp_path / "clip.mp4"
    damaged.write_bytes(b"\x00\x00\x00\x18ftypisom" + b"x" * 500)
    with pytest.raises(SourceError, match=r"clip\.mp4: cannot be decoded"):
        run_apart(damaged, tmp_path / "out.mp4", path=[], starts_s=0.0)
    with pytest.raises(SourceError, match=r"not redacted within 0\.001 s"):
        run_apart(damaged, tmp_path / "out.mp4", path=[], starts_s=0.0, limit_s=0.001)


def test_scene_must_say_that_it_is_a_citizens(street: Street, data: tuple[Settings, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected citizen"):
        take_in(street, data, street.scene)
    with pytest.raises(NotFoundError, match="PA-NONE"):
        take_in(street, data, citizens_scene(street, tmp_path), report_id="PA-NONE")


PATH = [(1.0, 0.0, 0.0, 10.0, 10.0), (2.0, 10.0, 0.0, 20.0, 10.0), (5.0, 40.0, 0.0, 50.0, 10.0), (5.5, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("t_s", "box"),
    [(1.5, (5.0, 0.0, 15.0, 10.0)), (1.0, (0.0, 0.0, 10.0, 10.0)), (0.9, None), (3.0, None), (5.2, None), (9.0, None)],
)
def test_box_is_known_along_the_path_only(t_s: float, box: tuple[float, ...] | None) -> None:
    assert box_at(PATH, t_s) == box

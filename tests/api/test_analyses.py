"""Videos of citizens' reports beside the server: one process at a time, its failure told, ended with the server."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api.analyses import WAITING, Analyses, Analysis
from api.problems import ProblemError
from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.clock import utc_now
from tests.api.server import Server
from tests.cases.builders import scene_text
from tests.cases.installation import street_jpeg

ClientOf = Callable[[str | None], httpx.Client]


@pytest.fixture
def analyses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Analyses]:
    """Of a server that was started in a folder of its own with a relative data folder."""
    monkeypatch.chdir(tmp_path)
    analyses = Analyses(Path("data"))
    yield analyses
    analyses.close()


def begin(analyses: Analyses, report_id: str) -> object:
    return analyses.begin(report_id, camera_id=report_id, scene_text=scene_text(camera_id=report_id, source="citizen"))


def finished(analyses: Analyses, report_id: str) -> Analysis:
    """An analysis once it is over; a busy machine may take minutes."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        found = analyses.of(report_id)
        assert found is not None
        if found.over:
            return found
        time.sleep(0.1)
    raise AssertionError("the analysis did not end within 300 s")


def children() -> list[int]:
    """The processes of `phatnguoi intake` that this one began."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"\0intake\0" in path.joinpath("cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def test_closing_ends_even_a_process_that_hangs_and_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    analyses = Analyses(tmp_path / "data", grace_s=0.5)
    begin(analyses, "PA-HANGS")
    until = time.monotonic() + 60
    while not children():
        assert time.monotonic() < until, "no process was begun"
        time.sleep(0.01)
    (process,) = children()
    os.kill(process, signal.SIGSTOP)
    environment = Path("/proc", str(process), "environ").read_bytes().split(b"\0")
    assert f"TMPDIR={next(folder.iterdir())}".encode() in environment, "what it leaves goes with the parent's folder"
    analyses.close()
    assert children() == []
    assert list(folder.iterdir()) == []
    found = analyses.of("PA-HANGS")
    assert found is not None and found.state == "failed"


def test_a_scene_that_cannot_be_written_gives_its_place_back(analyses: Analyses) -> None:
    analyses.begin("PA-ODD", camera_id="PA-ODD", scene_text="\ud800")
    assert finished(analyses, "PA-ODD").state == "failed"


def test_a_failure_is_told_in_the_commands_own_words(analyses: Analyses) -> None:
    begin(analyses, "PA-NONE")
    found = finished(analyses, "PA-NONE")
    assert (found.state, "PA-NONE" in found.problem) == ("failed", True), found.problem
    assert Path("data", "phatnguoi.db").is_file(), "it looked into the server's own database"


def test_one_report_is_analysed_once_at_a_time_and_a_crowd_waits(analyses: Analyses) -> None:
    first = begin(analyses, "PA-0")
    assert begin(analyses, "PA-0") is first
    with pytest.raises(ProblemError, match="other videos"):
        for number in range(1, WAITING + 2):
            begin(analyses, f"PA-{number}")
    assert analyses.of("PA-OTHER") is None


def test_photos_alone_and_scenes_nobody_put_in_force_are_refused(server: Server, client_of: ClientOf) -> None:
    context, lan = server.context, client_of("lan")
    form = report_form(occurred_at=utc_now(), place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    codes = []
    for data in (street_jpeg(), b"\0\0\0\x18ftypisom" + b"v" * 100):
        done = receive(context.sessions, context.settings.citizen_files, form=form, uploads=[Upload("x", [data])],
                       largest_bytes=1 << 24, now=utc_now())  # fmt: skip
        at = f"/api/v1/citizen-reports/{done.report.id}/analysis"
        assert lan.get(at).status_code == 404
        codes.append(lan.post(at, json={"camera_id": done.report.id}).status_code)
        assert client_of("cam").post(at, json={"camera_id": done.report.id}).status_code == 403
    assert codes == [409, 409]


AT = "/api/v1/citizen-reports/{}"
BY_EYE = {"kind": "illegal_parking", "file": "file-1.jpg", "xyxy": [1, 1, 9, 9], "place": "12 Hàng Bài"}
ASKED: dict[str, tuple[str, str, Callable[[str], object]]] = {
    "preview": ("GET", AT + "/files/file-1.jpg/preview", lambda _: None),
    "how far the analysis is": ("GET", AT + "/analysis", lambda _: None),
    "analysis": ("POST", AT + "/analysis", lambda report_id: {"camera_id": report_id}),
    "case by eye": ("POST", AT + "/cases", lambda _: BY_EYE),
}


@pytest.mark.parametrize("label", sorted(ASKED))
def test_a_report_of_another_ward_is_not_there(server: Server, client_of: ClientOf, label: str) -> None:
    context = server.context
    form = report_form(occurred_at=utc_now(), place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    uploads = [Upload("x", [street_jpeg()]), Upload("y", [b"\0\0\0\x18ftypisom" + b"v" * 100])]
    report_id = receive(context.sessions, context.settings.citizen_files, form=form, uploads=uploads,
                        largest_bytes=1 << 24, now=utc_now()).report.id  # fmt: skip
    method, address, body = ASKED[label]
    answer = client_of("tuan").request(method, address.format(report_id), json=body(report_id))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    known = client_of("lan").request(method, address.format(report_id), json=body(report_id))
    expected = {"preview": 200, "how far the analysis is": 404, "analysis": 409, "case by eye": 201}
    assert known.status_code == expected[label], known.text
    assert label != "analysis" or known.json()["code"] == "no_scene"

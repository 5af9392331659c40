"""Videos of citizens' reports beside the server: one process at a time, its failure told, ended with the server."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import select

from api.analyses import WAITING, Analyses, Analysis
from api.context import take_up
from api.problems import ProblemError
from cases import scenes
from cases.actor import Actor
from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.citizen.scene import adopt_cases, ask_analysis, end_analysis, unfinished
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.records import Case, CitizenReport, EntryKind, LedgerEntry, ReportState
from cases.roles import Role
from tests.api.server import Server
from tests.cases.builders import CHIEF, LAN, scene_text
from tests.cases.installation import street_jpeg
from tests.processes import wait_until

CAM = Actor(name="cam", role=Role.OPERATOR)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

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


def children(of: int | None = None) -> list[int]:
    """The processes of `phatnguoi intake` that this one, or another, began."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == (of or os.getpid()) and b"\0intake\0" in path.joinpath("cmdline").read_bytes():
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
    analyses = Analyses(tmp_path / "data")
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
BY_EYE = {"kind": "illegal_parking", "vehicle": "car", "file": "file-1.jpg", "xyxy": [1, 1, 9, 9],
          "place": "12 Hàng Bài"}  # fmt: skip
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


def test_an_analysis_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    command = f"""
import sys, time
from pathlib import Path
from api.analyses import Analyses
from tests.cases.builders import scene_text
Analyses(Path({str(tmp_path / "data")!r})).begin("PA-LEFT", camera_id="PA-LEFT", scene_text=scene_text())
time.sleep(600)
"""
    ours = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", command], env=ours) as server:
        until = time.monotonic() + 60
        while not (found := [one for one in children(of=server.pid) if not _being_tied(one)]):
            assert time.monotonic() < until, "no process was begun"
            time.sleep(0.01)
        os.kill(found[0], signal.SIGSTOP)  # even one that hangs
        server.kill()
    wait_until(lambda: not Path("/proc", str(found[0])).exists() or _is_dead(found[0]), timeout_s=60)


def _being_tied(process_id: int) -> bool:
    """Whether it has not become the command yet."""
    try:
        return b"tether.py" in Path("/proc", str(process_id), "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _is_dead(process_id: int) -> bool:
    try:
        return Path("/proc", str(process_id), "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def put_in_force(server: Server, report_id: str, number: int) -> None:
    """Draw another scene of a report, each time another one-way street."""
    sessions, now = server.context.sessions, utc_now()
    raw = yaml.safe_load(scene_text(camera_id=report_id, source="citizen"))
    raw["zones"][0]["direction"] = [[9, 9], [9, 400 + number]]
    base = number - 1 or None
    scenes.save_version(sessions, actor=CAM, camera_id=report_id, raw=raw, note="", based_on=base, now=now)
    scenes.activate(sessions, actor=CHIEF, camera_id=report_id, number=number, now=now)


def asked(server: Server) -> tuple[str, str]:
    """A report with a video whose analysis was asked for, and the hash of its scene."""
    context = server.context
    form = report_form(occurred_at=utc_now(), place="12 Hàng Bài", ward="Hoàn Kiếm", what="other")
    uploads = [Upload("v", [b"\0\0\0\x18ftypisom" + b"v" * 100])]
    report_id = receive(context.sessions, context.settings.citizen_files, form=form, uploads=uploads,
                        largest_bytes=1 << 24, now=utc_now()).report.id  # fmt: skip
    put_in_force(server, report_id, 1)
    return report_id, ask_analysis(context.sessions, report_id=report_id, camera_id=report_id, actor=LAN, now=utc_now())


def test_what_an_ended_server_left_is_taken_up_once_and_not_what_was_ended(server: Server, client_of: ClientOf) -> None:
    context, lan = server.context, client_of("lan")
    report_id, text = asked(server)
    at = f"/api/v1/citizen-reports/{report_id}/analysis"
    assert lan.get(at).json()["state"] == "waiting", "whichever server takes it up"
    assert unfinished(context.sessions, since=LONG_AGO) == [(report_id, text)]
    take_up(context)
    assert lan.get(at).json()["state"] in ("waiting", "running")
    assert (lan.delete(at).status_code, lan.get(at).json()["state"]) == (204, "cancelled")
    assert lan.delete(at).status_code == 204, "over stays over"
    assert unfinished(context.sessions, since=LONG_AGO) == []
    assert lan.post(at, json={"camera_id": report_id}).status_code == 202
    wait_until(lambda: lan.get(at).json()["state"] == "failed", timeout_s=300)  # it is no video
    assert unfinished(context.sessions, since=LONG_AGO) == [], "a failure is not tried again"
    told = client_of("chief").get("/api/v1/audit/ledger", params={"limit": 50}).json()["rows"]
    did = [one["details"]["did"] for one in reversed(told) if one["details"].get("id") == report_id]
    assert did[:4] == ["received", "analysis_asked", "analysis_cancelled", "analysis_asked"]
    assert did[-1] == "analysis_failed"


def test_a_scene_that_was_replaced_meanwhile_is_not_gone_on_with(server: Server) -> None:
    report_id, _ = asked(server)
    assert [name for name, _ in unfinished(server.context.sessions, since=LONG_AGO)] == [report_id]
    put_in_force(server, report_id, 2)
    assert unfinished(server.context.sessions, since=LONG_AGO) == []


def test_what_was_asked_for_long_ago_is_not_taken_up(server: Server) -> None:
    asked_for = asked(server)
    now = utc_now()
    assert asked_for in unfinished(server.context.sessions, since=now - timedelta(hours=1))
    assert asked_for not in unfinished(server.context.sessions, since=now + timedelta(hours=1))


def test_an_analysis_that_found_no_place_is_not_taken_up_later(
    server: Server, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.context.analyses, "_leases", None)  # reports that are none take the places
    report_id, text = asked(server)
    end_analysis(server.context.sessions, report_id=report_id, by="lan", now=utc_now())
    for number in range(WAITING):
        begin(server.context.analyses, f"PA-FULL-{number}")
    refused = client_of("lan").post(f"/api/v1/citizen-reports/{report_id}/analysis", json={"camera_id": report_id})
    assert refused.status_code == 429, refused.text
    assert (report_id, text) not in unfinished(server.context.sessions, since=LONG_AGO)


def test_cases_of_an_analysis_that_was_stopped_stand_with_its_report(server: Server, case_id: str) -> None:
    report_id, _ = asked(server)
    sessions = server.context.sessions
    with write_transaction(sessions) as session:
        session.get_one(Case, case_id).camera_id = report_id
    adopt_cases(sessions, report_id=report_id, now=utc_now())
    with read_transaction(sessions) as session:
        row = session.get_one(CitizenReport, report_id)
        assert (row.cases, row.state) == ([case_id], ReportState.PROCESSED)
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.REPORT)).all()
    adopt_cases(sessions, report_id=report_id, now=utc_now())
    with read_transaction(sessions) as session:
        again = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.REPORT)).all()
    assert len(entries) == len(again), "nothing new is chained for nothing new"

"""Videos of citizens' reports beside the server: one process at a time, its failure told, ended with the server."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api.analyses import WAITING, Analyses
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


def test_a_failure_is_told_in_the_commands_own_words(analyses: Analyses) -> None:
    begin(analyses, "PA-NONE")
    for _ in range(600):
        found = analyses.of("PA-NONE")
        assert found is not None
        if found.over:
            break
        time.sleep(0.1)
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

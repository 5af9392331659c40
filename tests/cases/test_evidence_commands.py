"""`phatnguoi evidence …` on a real data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases import service
from cases.accounts import add_user
from cases.anchors import anchor_name
from cases.clock import utc_now
from cases.exported import verify_export
from cases.faults import NotFoundError, NotPermittedError
from cases.inspection import verify_target
from cases.settings import Settings
from detector.types import ConfigError
from phatnguoi import app
from tests.cases.builders import LAN, opened
from tests.cases.installation import Installation, install


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    made = install(tmp_path / "data")
    for name, role in (("chi.huy", "commander"), ("lan", "officer")):
        add_user(made.database.sessions, name=name, password=None, role=role, subject=name)
    yield made
    made.database.close()


def run(made: Installation, *arguments: str) -> Result:
    result = CliRunner().invoke(app, ["evidence", *arguments, "--data", str(made.root)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_anchor_export_hold_and_retention(made: Installation, tmp_path: Path) -> None:
    opened(made.database, made.store, 9)
    assert anchor_name(2) in run(made, "anchor").output
    out, who = tmp_path / "x.zip", ("--as", "chi.huy", "--reason", "CV 12")
    assert "x.zip" in run(made, "export", made.case_ids[1], "--for", "court", "--out", str(out), *who).output
    assert verify_export(out).intact
    assert "held" in run(made, "hold", made.case_ids[1], *who).output
    assert "released" in run(made, "hold", made.case_ids[1], "--release", *who).output
    assert "đề xuất" in run(made, "retention").output
    service.record_view(made.database.sessions, case_id=made.case_ids[0], actor=LAN, view="case", now=utc_now())
    assert run(made, "retention", "--apply").exit_code == 0


def test_rotated_key_is_current_and_everything_still_checks(made: Installation) -> None:
    before = run(made, "key").output
    after = run(made, "key", "--rotate").output
    assert before.split()[0] in after
    assert after.count("BEGIN PUBLIC KEY") == 2
    run(made, "anchor")
    assert verify_target("all", Settings(data_dir=made.root)).intact


WRONG = {
    "an officer": (("--as", "lan", "--for", "court"), NotPermittedError),
    "nobody": (("--as", "x", "--for", "court"), NotFoundError),
    "no purpose": (("--as", "chi.huy", "--for", "press"), ConfigError),
}


@pytest.mark.parametrize("label", sorted(WRONG))
def test_export_is_refused(made: Installation, tmp_path: Path, label: str) -> None:
    arguments, error = WRONG[label]
    with pytest.raises(error):
        run(made, "export", made.case_ids[1], "--out", str(tmp_path / "x.zip"), "--reason", "CV", *arguments)
    assert not (tmp_path / "x.zip").exists()


def test_server_anchors_by_itself(tmp_path: Path) -> None:
    from tests.api.server import running

    with running(tmp_path) as server:
        opened(server.context.database, server.context.store, 1)  # type: ignore[arg-type]
    assert verify_target(str(tmp_path), Settings(data_dir=tmp_path)).intact
    assert (tmp_path / "evidence" / anchor_name(1)).exists()

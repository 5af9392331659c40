"""Accounts and deadlines from the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases.clock import utc_now
from cases.database import open_database, sqlite_url, write_transaction
from cases.evidence import FolderStore
from cases.logins import identify, log_in
from cases.records import Due
from detector.types import ConfigError
from phatnguoi import app
from tests.cases.builders import NOON, opened

PASSWORD = "xích lô 1986!\n"


def run(data: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*words, "--data", str(data)], input=typed, catch_exceptions=False)


def test_account_from_its_making_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        run(tmp_path, "user", "add", "lan", "--role", "officer", "--ward", "Hoàn Kiếm", typed=PASSWORD).exit_code == 0
    )
    ky = ("user", "add", "ky", "--role", "signer", "--title", "station_chief", "--subject", "ky-sub")
    with pytest.raises(ConfigError, match="no OpenID provider is configured"):
        run(tmp_path, *ky)
    monkeypatch.setenv("PHATNGUOI_OIDC_ISSUER", "https://sso.example.vn/")
    assert run(tmp_path, *ky).exit_code == 0
    for words, due in ((("--temporary",), True), ((), False)):
        assert run(tmp_path, "user", "password", "lan", *words, typed="một câu dài khác\n").exit_code == 0
        database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
        login = log_in(database.sessions, name="lan", password="một câu dài khác", now=NOON, session_s=60)
        database.close()
        assert login.password_due is due
    secret = run(tmp_path, "user", "token", "lan", "--days", "1").stdout.strip()
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    found = identify(database.sessions, secret=secret, kind="bearer", now=utc_now())
    assert found is not None
    assert (found.actor.name, found.actor.wards) == ("lan", ("Hoàn Kiếm",))
    assert run(tmp_path, "user", "close", "lan").exit_code == 0
    assert identify(database.sessions, secret=secret, kind="bearer", now=utc_now()) is None
    database.close()
    assert run(tmp_path, "user", "list").stdout.splitlines() == [
        "ky\tsigner\tmọi địa bàn / all wards\tstation_chief\tđang dùng / active",
        "lan\tofficer\tHoàn Kiếm\t-\tđã khóa / closed",
    ]


@pytest.mark.parametrize(
    ("label", "words", "typed", "says"),
    [
        ("weak password", ("user", "add", "a1", "--role", "officer"), "abc\n", "at least 10"),
        ("no such role", ("user", "add", "a1", "--role", "chief"), PASSWORD, "role 'chief'"),
        ("signer without title", ("user", "add", "a1", "--role", "signer"), PASSWORD, "a signer signs in an office"),
        ("title nobody has", ("user", "add", "a1", "--role", "signer", "--title", "king"), PASSWORD, "title 'king'"),
    ],
)
def test_wrong_accounts_are_refused(tmp_path: Path, label: str, words: tuple[str, ...], typed: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        run(tmp_path, *words, typed=typed)
    assert run(tmp_path, "user", "list").stdout == ""


def test_sweep_does_what_time_brings_and_names_what_presses(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "phatnguoi.db"))
    for number in range(2):
        opened(database, FolderStore(tmp_path / "evidence"), number)
    with write_transaction(database.sessions) as session:
        first = session.query(Due).filter(Due.code == "time_bar").order_by(Due.id).first()
        assert first is not None
        first.due_at = NOON
        pressing = session.query(Due).filter(Due.code == "notice").order_by(Due.id.desc()).first()
        assert pressing is not None
        pressing.warn_at = NOON
    database.close()
    swept = run(tmp_path, "sweep")
    assert swept.stdout == "expire\t1\n"
    assert "Notice to the owner: 0 quá hạn / overdue, 1 sắp hết hạn / pressing" in swept.stderr
    assert run(tmp_path, "sweep").stdout == ""

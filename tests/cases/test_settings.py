"""Settings: command line over environment over file, faults named."""

from pathlib import Path

import pytest

from cases.settings import load_settings
from detector.types import ConfigError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_line_over_environment_over_file_over_default(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().data_dir == Path("data")
    (here / "phatnguoi.toml").write_text('data_dir = "from-file"\nclaim_s = 60\nlock_wait_s = 1\n')
    assert load_settings().data_dir == Path("from-file")
    monkeypatch.setenv("PHATNGUOI_DATA_DIR", "from-env")
    monkeypatch.setenv("PHATNGUOI_CLAIM_S", "70")
    both = load_settings(data_dir=Path("from-line"), claim_s=None)
    assert (both.data_dir, both.claim_s, both.lock_wait_s) == (Path("from-line"), 70, 1)


def test_database_and_evidence_lie_in_the_data_folder_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = load_settings(data_dir=Path("/srv/x"))
    assert (embedded.database, embedded.evidence) == ("sqlite:////srv/x/phatnguoi.db", Path("/srv/x/evidence"))
    monkeypatch.setenv("PHATNGUOI_DATABASE_URL", "postgresql://db/phatnguoi")
    monkeypatch.setenv("PHATNGUOI_EVIDENCE_ROOT", "/mnt/evidence")
    grown = load_settings(data_dir=Path("/srv/x"))
    assert (grown.database, grown.evidence) == ("postgresql://db/phatnguoi", Path("/mnt/evidence"))


@pytest.mark.parametrize(
    ("label", "file", "says"),
    [
        ("unknown key", 'datadir = "x"', r"phatnguoi\.toml: datadir: unknown key; known are data_dir"),
        ("not a number", 'claim_s = "soon"', r"claim_s \(or PHATNGUOI_CLAIM_S\).*'soon'"),
        ("out of bounds", "claim_s = -1", "claim_s.*greater than 0"),
        ("not TOML", "= x", r"phatnguoi\.toml: not readable as TOML"),
    ],
)
def test_faults_are_named(here: Path, label: str, file: str, says: str) -> None:
    (here / "phatnguoi.toml").write_text(file)
    with pytest.raises(ConfigError, match=says):
        load_settings()

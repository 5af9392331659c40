"""Time-stamps over anchors: queued without an authority, worked off with one, refused when they do not check."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.anchors import anchor_name, write_anchor
from cases.clock import utc_now
from cases.timestamps import Authority, open_authority, queue, stamp_queue, stamped_at
from detector.types import ConfigError, EvidenceError
from tests.cases.authority import have_openssl, running_authority
from tests.cases.builders import NOON, opened
from tests.cases.installation import Installation, faults, install


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if not have_openssl():
        pytest.skip("time-stamping authority: no openssl on this machine (apt-get install openssl)")
    with running_authority(tmp_path_factory.mktemp("tsa")) as (url, root):
        made = open_authority(url, root)
        assert made is not None
        yield made


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    made = install(tmp_path / "data", cases=1)
    yield made
    made.database.close()


def test_anchors_wait_without_an_authority_and_are_stamped_with_one(made: Installation, authority: Authority) -> None:
    assert open_authority(None, None) is None
    opened(made.database, made.store, 5)
    write_anchor(made.database.sessions, made.store, made.keys, now=NOON)
    assert queue(made.store) == [anchor_name(1), anchor_name(2)]
    assert stamp_queue(made.database.sessions, made.store, authority, now=NOON) == [anchor_name(1), anchor_name(2)]
    assert queue(made.store) == []
    token = made.store.get("stamps/00000001.tsr") or b""
    assert abs(stamped_at(token).replace(tzinfo=UTC) - utc_now()) < timedelta(minutes=5)
    assert faults(made) == []


def test_altered_and_removed_tokens_are_found(made: Installation, authority: Authority) -> None:
    stamp_queue(made.database.sessions, made.store, authority, now=NOON)
    path = made.store.root / "stamps/00000001.tsr"
    whole = path.read_bytes()
    path.chmod(0o644)
    for at in range(0, len(whole), max(len(whole) // 20, 1)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert any("stamps/00000001.tsr" in fault for fault in faults(made)), at
    path.unlink()
    assert any("stamps/00000001.tsr" in fault for fault in faults(made))


def test_token_of_a_stranger_is_refused_and_the_anchor_waits_on(
    made: Installation, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with running_authority(tmp_path / "other") as (url, _):
        stranger = Authority(url, authority.roots)
        with pytest.raises(EvidenceError, match="does not check"):
            stamp_queue(made.database.sessions, made.store, stranger, now=NOON)
    assert queue(made.store) == [anchor_name(1)]


def test_authority_that_is_not_there_is_said(made: Installation, authority: Authority) -> None:
    gone = Authority("http://127.0.0.1:9/", authority.roots)
    with pytest.raises(EvidenceError, match="cannot be reached"):
        stamp_queue(made.database.sessions, made.store, gone, now=datetime.now(UTC))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authority_needs_its_root(tmp_path: Path, content: str | None) -> None:
    path = None
    if content is not None:
        path = tmp_path / "root.pem"
        path.write_text(content)
    with pytest.raises(ConfigError, match="tsa_certificate"):
        open_authority("http://127.0.0.1:9/", path)

"""Full disks and refused folders: a clear error, nothing left behind, nothing half visible."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.evidence import FolderStore
from detector.types import EvidenceError
from tests.cases.builders import seal, violation_of

FULL = """
import resource, signal, sys
from pathlib import Path
from cases.evidence import FolderStore
from detector.types import EvidenceError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = FolderStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with store.begin("v1") as writer:
        writer.add_bytes("small.jpg", "image/jpeg", b"x" * 1000)
        writer.add_bytes("clip.mp4", "video/mp4", b"x" * 100000)
except EvidenceError as error:
    print(error)
"""


def test_write_that_does_not_fit_names_the_place_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "evidence")], capture_output=True, text=True, check=True, timeout=60
    )
    assert str(tmp_path / "evidence") in done.stdout
    assert "larger than" in done.stdout
    assert list((tmp_path / "evidence/.incoming").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="a full disk: needs root to mount one")
def test_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("a full disk: this machine does not let us mount one")
    try:
        store = FolderStore(disk)
        with pytest.raises(EvidenceError, match=r"No space left.*free space"):
            seal(store, violation_of(), {"clip.mp4": b"x" * 500_000})
        assert list((disk / ".incoming").iterdir()) == []
        assert list(store.bundles()) == []
        assert seal(store, violation_of(), {"clip.mp4": b"x" * 50_000}).violation_id == violation_of().id
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def refused() -> Iterator[Path]:
    """A folder in which this account may not write."""
    base = Path(tempfile.mkdtemp(prefix="phatnguoi-"))
    base.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield base
    if root:
        os.seteuid(0)
    base.chmod(0o755)
    shutil.rmtree(base)


def test_read_only_folder_is_named_with_the_cure(refused: Path) -> None:
    with pytest.raises(EvidenceError, match=r"evidence: Permission denied: this account may not write"):
        FolderStore(refused / "evidence")


def test_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(EvidenceError, match=r"evidence.*a file stands where a folder is needed"):
        FolderStore(tmp_path / "evidence")


def test_missing_clip_gives_up_the_bundle(store: FolderStore, tmp_path: Path) -> None:
    with store.begin("v1") as writer, pytest.raises(EvidenceError, match=r"cut\.mp4: No such file"):
        writer.add_file("clip.mp4", "video/mp4", tmp_path / "cut.mp4")
    assert list(store.root.joinpath(".incoming").iterdir()) == []

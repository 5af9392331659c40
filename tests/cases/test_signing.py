"""Keys of an installation: made once, kept from others, rotated; signatures checked from themselves alone."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from cases.evidence import SIGNATURE_NAME, FolderStore, verify_bundle
from cases.signing import CURRENT, KeyRing, open_keys, parse_signature, public_key_raw
from detector.types import ConfigError
from tests.cases.builders import bundle_folder, seal, violation_of

DIGEST = "ab" * 32


def test_first_start_makes_a_key_that_only_this_account_reads(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys")
    private = tmp_path / "keys" / f"{keys.key_id}.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert open_keys(tmp_path / "keys").key_id == keys.key_id
    assert public_key_raw(keys.public_pems()[keys.key_id]) == keys.public_keys()[keys.key_id]


def _open(folder: Path, outcome: "multiprocessing.Queue[str]") -> None:
    outcome.put(open_keys(folder).key_id)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    outcome: multiprocessing.Queue[str] = spawn.Queue()
    processes = [spawn.Process(target=_open, args=(tmp_path / "keys", outcome)) for _ in range(4)]
    for process in processes:
        process.start()
    found = {outcome.get(timeout=30) for _ in processes}
    for process in processes:
        process.join(30)
    outcome.close()
    assert len(found) == 1
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(
        [CURRENT, *(f"{key_id}{suffix}" for key_id in found for suffix in (".pem", ".pub.pem"))]
    )


def test_rotation_signs_anew_and_still_proves_the_old(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys")
    old = keys.sign(purpose="test", digest=DIGEST)
    new_id = keys.rotate()
    assert keys.sign(purpose="test", digest=DIGEST).key_id == new_id != old.key_id
    assert old.faults(purpose="test", digest=DIGEST, trusted=keys.public_keys()) == []
    assert not (tmp_path / "keys" / f"{old.key_id}.pem").exists()


WRONG = {
    "another hash": ({"sha256": "cd" * 32}, "not test"),
    "another purpose": ({"purpose": "other"}, "not test"),
    "another key id": ({"key_id": "0" * 16}, "not that of its public key"),
    "another signature": ({"signature": "0" * 128}, "does not match"),
}


@pytest.mark.parametrize("label", sorted(WRONG))
def test_signature_of_something_else_is_refused(tmp_path: Path, label: str) -> None:
    change, says = WRONG[label]
    signature = open_keys(tmp_path / "keys").sign(purpose="test", digest=DIGEST).model_copy(update=change)
    assert any(says in fault for fault in signature.faults(purpose="test", digest=DIGEST))


def test_signature_by_a_stranger_is_refused_where_keys_are_known(tmp_path: Path) -> None:
    stranger = open_keys(tmp_path / "stranger").sign(purpose="test", digest=DIGEST)
    assert stranger.faults(purpose="test", digest=DIGEST) == []
    trusted = open_keys(tmp_path / "keys").public_keys()
    assert "none of this installation's keys" in stranger.faults(purpose="test", digest=DIGEST, trusted=trusted)[0]


def test_any_one_byte_of_a_signature_file_counts(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys")
    whole = keys.sign(purpose="test", digest=DIGEST).to_bytes()
    for at in range(len(whole)):
        for bit in (0, 5):
            altered = bytearray(whole)
            altered[at] ^= 1 << bit
            signature = parse_signature(bytes(altered))
            assert signature is None or signature.faults(purpose="test", digest=DIGEST), at


UNUSABLE = {
    "open to others": (lambda keys: (keys.folder / f"{keys.key_id}.pem").chmod(0o640), "chmod 600"),
    "gone": (lambda keys: (keys.folder / f"{keys.key_id}.pem").unlink(), "restore the signing keys"),
    "garbage": (lambda keys: (keys.folder / f"{keys.key_id}.pem").write_text("x"), "restore the signing keys"),
}


@pytest.mark.parametrize("label", sorted(UNUSABLE))
def test_unusable_key_is_said_with_its_cure(tmp_path: Path, label: str) -> None:
    keys: KeyRing = open_keys(tmp_path / "keys")
    spoil, says = UNUSABLE[label]
    spoil(keys)
    with pytest.raises(ConfigError, match=says):
        keys.sign(purpose="test", digest=DIGEST)


def test_bundle_is_signed_and_proves_it_alone(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys")
    store = FolderStore(tmp_path / "evidence", keys)
    folder = bundle_folder(store, seal(store, violation_of()))
    report = verify_bundle(folder, trusted=keys.public_keys(), must_be_signed=True)
    assert report.intact
    assert report.signed_by == keys.key_id
    assert f"key {keys.key_id}" in str(report)
    others = open_keys(tmp_path / "others").public_keys()
    assert [fault.item for fault in verify_bundle(folder, trusted=others).faults] == [SIGNATURE_NAME]
    (folder / SIGNATURE_NAME).unlink()
    assert [(f.item, f.kind) for f in verify_bundle(folder).faults] == [(SIGNATURE_NAME, "missing")]


def test_unsigned_bundle_says_so(store: FolderStore) -> None:
    folder = bundle_folder(store, seal(store, violation_of()))
    assert "chưa ký" in str(verify_bundle(folder))
    assert not verify_bundle(folder, must_be_signed=True).intact

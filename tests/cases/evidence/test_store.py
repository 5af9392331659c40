"""What every evidence store keeps to: a local folder, and a bucket of a real S3-compatible server."""

import fcntl
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.canonical import sha256_of
from cases.evidence import MANIFEST_NAME, EvidenceStore, FolderStore, verify_bundle
from cases.evidence.bucket import BucketStore
from cases.signing import open_keys
from detector.types import ConfigError, EvidenceError
from tests.cases.builders import facts_of, seal, violation_of
from tests.cases.evidence.object_store import new_bucket, running_object_store, server_binary


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an S3-compatible server, or a skip that says why."""
    pytest.importorskip("boto3", reason="object store: its client is not installed (pip install phatnguoi[s3])")
    if server_binary() is None:
        pytest.skip("object store: no S3 server on this machine (pip install pys3local into .venv/s3)")
    with running_object_store(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture(params=["bucket", "folder"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceStore:
    keys = open_keys(tmp_path / "keys")
    if request.param == "folder":
        return FolderStore(tmp_path / "evidence", keys)
    return BucketStore(new_bucket(request.getfixturevalue("object_store")), cache=tmp_path / "cache", keys=keys)


def test_nothing_is_visible_before_seal_and_everything_after(any_store: EvidenceStore, tmp_path: Path) -> None:
    violation = violation_of()
    clip = tmp_path / "cut.mp4"
    clip.write_bytes(b"packets" * 300_000)
    with any_store.begin(violation.id) as writer:
        writer.add_bytes("before.jpg", "image/jpeg", b"still")
        writer.add_file("clip.mp4", "video/mp4", clip)
        assert any_store.find(violation.id) is None
        assert list(any_store.bundles()) == []
        ref = writer.seal(facts_of(violation))
    assert any_store.find(violation.id) == ref
    assert list(any_store.bundles()) == [ref]
    assert any_store.local_path(ref.location, "clip.mp4").read_bytes() == clip.read_bytes()


def test_manifest_states_what_was_sealed(any_store: EvidenceStore) -> None:
    violation = violation_of()
    ref = seal(any_store, violation, {"before.jpg": b"12345"})
    manifest = any_store.manifest(ref.location)
    assert manifest.manifest_sha256 == ref.manifest_sha256
    assert [(item.name, item.size_bytes) for item in manifest.items] == [("before.jpg", 5)]
    assert manifest.window.start_at == violation.start_at
    assert (manifest.scene.sha256, manifest.scene.camera_id) == (violation.scene_hash, violation.camera_id)
    assert "one_way" in manifest.scene.text
    assert (manifest.network.name, manifest.source.name, manifest.source.size_bytes) == ("scripted", "clip.mp4", 1234)
    assert manifest.violation["finding"]["moments"]["during"]["xyxy"] == [610.0, 402.0, 655.0, 498.0]
    assert manifest.violation["finding"]["vehicle"] == "motorcycle"
    assert manifest.clock == "PTS"
    assert manifest.rule_version == "wrong_way/1"
    assert manifest.software_version.startswith("phatnguoi")


def test_sealing_again_returns_the_bundle_that_stands(any_store: EvidenceStore) -> None:
    violation = violation_of()
    first = seal(any_store, violation, {"a.jpg": b"first"})
    again = seal(any_store, violation, {"a.jpg": b"second"})
    assert again == first
    assert any_store.local_path(first.location, "a.jpg").read_bytes() == b"first"


def test_altered_bundle_is_never_taken_for_the_act(any_store: EvidenceStore) -> None:
    violation = violation_of()
    ref = seal(any_store, violation, {"a.jpg": b"first"})
    overwrite(any_store, f"{ref.location}/a.jpg", b"First")
    with pytest.raises(EvidenceError, match=r"altered \(a\.jpg.*never overwritten"):
        seal(any_store, violation, {"a.jpg": b"first"})
    assert any_store.local_path(ref.location, "a.jpg").read_bytes() == b"First"


def overwrite(store: EvidenceStore, name: str, data: bytes) -> None:
    """What somebody does who holds the disk or the bucket."""
    if isinstance(store, BucketStore):
        store._client.put_object(Bucket=store._bucket, Key=store._key(name), Body=data)
        return
    assert isinstance(store, FolderStore)
    (store.root / name).chmod(0o644)
    (store.root / name).write_bytes(data)


def test_removed_bundle_is_gone_and_the_others_stay(any_store: EvidenceStore) -> None:
    first, second = seal(any_store, violation_of(1)), seal(any_store, violation_of(2))
    any_store.remove(first.location)
    any_store.remove(first.location)
    assert list(any_store.bundles()) == [second]
    with pytest.raises(EvidenceError):
        any_store.local_bundle(first.location)


def test_a_removal_that_a_crash_interrupted_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    ref = seal(store, violation_of(1))
    real, gone = Path.unlink, list[str]()

    def dying(path: Path, missing_ok: bool = False) -> None:
        if gone:
            raise KeyboardInterrupt
        real(path, missing_ok)
        gone.append(path.name)

    monkeypatch.setattr(Path, "unlink", dying)
    with pytest.raises(KeyboardInterrupt):
        store.remove(ref.location)
    monkeypatch.undo()
    assert gone != ["manifest.json"] and (tmp_path / ref.location).exists()
    store.remove(ref.location)
    assert not (tmp_path / ref.location).exists()


def test_what_a_crash_left_empty_stops_no_sweep_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    first, second = seal(store, violation_of(1)), seal(store, violation_of(2))

    def dying(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rmdir", dying)
    with pytest.raises(KeyboardInterrupt):
        store.remove(first.location)
    monkeypatch.undo()
    assert (tmp_path / first.location).is_dir()
    assert list(store.bundles()) == [second]
    store.remove(first.location)
    assert not (tmp_path / first.location).exists()


def test_a_bundle_that_is_removed_while_all_are_listed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = FolderStore(tmp_path), FolderStore(tmp_path)
    first, second = seal(store, violation_of(1)), seal(store, violation_of(2))
    read = Path.read_bytes

    def late(path: Path) -> bytes:
        if path == tmp_path / first.location / "manifest.json":
            other.remove(first.location)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", late)
    assert list(store.bundles()) == [second]


def test_a_bundle_without_its_manifest_alone_is_a_fault(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / seal(store, violation_of(1)).location / "manifest.json").unlink()
    with pytest.raises(EvidenceError, match="manifest"):
        list(store.bundles())


def test_a_bundle_is_removed_by_several_at_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for number in range(20):
        ref = seal(store, violation_of(number))
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(store.remove, [ref.location] * 4)) == [None] * 4
        assert not (tmp_path / ref.location).exists()


def test_bundle_is_verified_from_its_store(any_store: EvidenceStore) -> None:
    ref = seal(any_store, violation_of())
    assert verify_bundle(any_store.local_bundle(ref.location), must_be_signed=True).intact
    overwrite(any_store, f"{ref.location}/clip.mp4", b"x")
    assert [f.item for f in verify_bundle(any_store.local_bundle(ref.location)).faults] == ["clip.mp4"]
    overwrite(any_store, f"{ref.location}/{MANIFEST_NAME}", b"{}")
    with pytest.raises(EvidenceError):
        any_store.manifest(ref.location)


def test_documents_are_kept_and_never_overwritten(any_store: EvidenceStore) -> None:
    assert any_store.get("anchors/1.json") is None
    any_store.put("anchors/1.json", b"one")
    any_store.put("anchors/1.json", b"one")
    with pytest.raises(EvidenceError, match="never overwritten"):
        any_store.put("anchors/1.json", b"other")
    any_store.put("anchors/2.json", b"two")
    assert any_store.get("anchors/1.json") == b"one"
    assert any_store.names("anchors") == ["anchors/1.json", "anchors/2.json"]
    assert any_store.names("nothing") == []
    for bad in ("../x", "/etc/passwd", "a/../../x"):
        with pytest.raises(EvidenceError, match="outside"):
            any_store.put(bad, b"x")


@pytest.mark.parametrize("url", ["http://x/y", "s3://", "s3:bucket"])
def test_address_of_an_object_store_is_checked(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="s3://BUCKET"):
        BucketStore(url, cache=tmp_path)


def test_object_store_that_is_not_there_is_said_with_its_cure(tmp_path: Path) -> None:
    pytest.importorskip("boto3")
    with pytest.raises(EvidenceError, match=r"can be reached|rights and address"):
        BucketStore("s3://nothing?endpoint=http://127.0.0.1:9", cache=tmp_path)


@pytest.mark.parametrize(
    ("label", "name", "media_type", "says"),
    [
        ("climbing out", "../evil.jpg", "image/jpeg", "name"),
        ("hidden", ".a", "image/jpeg", "name"),
        ("a folder", "a/b.jpg", "image/jpeg", "name"),
        ("empty", "", "image/jpeg", "name"),
        ("the manifest itself", MANIFEST_NAME, "application/json", "taken"),
        ("no media type", "a.jpg", "jpeg", "media_type"),
        ("twice", "first.jpg", "image/jpeg", "taken"),
    ],
)
def test_unusable_items_are_refused(
    any_store: EvidenceStore, label: str, name: str, media_type: str, says: str
) -> None:
    with any_store.begin("v1") as writer:
        writer.add_bytes("first.jpg", "image/jpeg", b"1")
        with pytest.raises(EvidenceError, match=says):
            writer.add_bytes(name, media_type, b"2")


@pytest.mark.parametrize("bad", ["", "../x", "a/b", "x" * 65])
def test_unusable_violation_ids_are_refused(any_store: EvidenceStore, bad: str) -> None:
    with pytest.raises(EvidenceError, match="violation id"):
        any_store.begin(bad)


def test_missing_fact_is_named_and_nothing_is_left(any_store: EvidenceStore) -> None:
    violation = violation_of()
    facts = facts_of(violation)
    del facts["scene"]
    with any_store.begin(violation.id) as writer, pytest.raises(EvidenceError, match="scene: Field required"):
        writer.seal(facts)
    assert any_store.find(violation.id) is None


def test_facts_that_are_not_numbers_are_refused(any_store: EvidenceStore) -> None:
    violation = violation_of()
    facts = facts_of(violation)
    facts["violation"]["finding"]["facts"]["travelled_m"] = float("nan")
    with any_store.begin(violation.id) as writer, pytest.raises(EvidenceError, match="cannot be written"):
        writer.seal(facts)


def test_facts_of_another_violation_are_refused(any_store: EvidenceStore) -> None:
    with any_store.begin(violation_of(1).id) as writer, pytest.raises(EvidenceError, match="in the bundle of"):
        writer.seal(facts_of(violation_of(2)))


def test_giving_up_leaves_nothing(any_store: EvidenceStore) -> None:
    with any_store.begin("v1") as writer:
        writer.add_bytes("a.jpg", "image/jpeg", b"1")
    assert any_store.find("v1") is None
    with pytest.raises(EvidenceError, match="sealed or given up"):
        writer.add_bytes("b.jpg", "image/jpeg", b"2")


def test_only_listed_items_are_handed_out(any_store: EvidenceStore) -> None:
    ref = seal(any_store, violation_of())
    for name in ("../../phatnguoi.db", "other.jpg", "/etc/passwd", ""):
        with pytest.raises(EvidenceError, match="lists no item"):
            any_store.local_path(ref.location, name)
    with pytest.raises(EvidenceError, match="outside"):
        any_store.manifest("../../..")


def test_act_without_calendar_time_is_filed_under_the_day_of_writing(store: FolderStore) -> None:
    ref = seal(store, violation_of(start_at=None))
    assert ref.location.startswith(time.strftime("%Y/%m/", time.gmtime()))
    assert seal(store, violation_of()).location.startswith("2026/11/")


def test_leftovers_of_dead_writers_are_cleared_and_those_of_living_ones_kept(store: FolderStore) -> None:
    old = time.time() - 3600
    dead = store.root / ".incoming" / "dead-1"
    dead.mkdir()
    (dead / "a.jpg").write_bytes(b"half")
    young = store.root / ".incoming" / "young-1"
    young.mkdir()
    living = store.begin("living")
    for folder in store.root.joinpath(".incoming").iterdir():
        if folder != young:
            os.utime(folder, (old, old))
    removed = store.clear_unfinished()
    assert removed == ("dead-1",)
    assert sorted(path.name.split("-")[0] for path in store.root.joinpath(".incoming").iterdir()) == ["living", "young"]
    living.abort()
    assert store.clear_unfinished() == ()


def test_writer_lock_ends_with_its_process(store: FolderStore) -> None:
    writer = store.begin("v1")
    folder = next(store.root.joinpath(".incoming").iterdir())
    other = os.open(folder, os.O_RDONLY)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(other)
        writer.abort()


def test_manifest_hash_is_over_its_own_content(store: FolderStore) -> None:
    ref = seal(store, violation_of())
    content = store.manifest(ref.location).model_dump(mode="json")
    digest = content.pop("manifest_sha256")
    assert digest == ref.manifest_sha256 == sha256_of(content)
    assert verify_bundle(store.root / ref.location).intact

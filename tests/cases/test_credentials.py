"""Content credentials on copies: whose they are, of which case, offline; nothing of the original goes along."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import c2pa
import pytest
from PIL import Image

from cases.credentials import LABEL, REDACTED, Credentials, credential_faults, open_credentials
from cases.export import export_case
from cases.exported import verify_export
from cases.inspection import verify_target
from cases.settings import Settings
from detector.types import ConfigError, EvidenceError
from tests.cases.builders import CHIEF, NOON
from tests.cases.installation import Installation, install, street_jpeg

SAID = {"name": "during.jpg", "case_id": "PN-7K3M-Q2XD", "manifest_sha256": "ab" * 32}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return open_credentials(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path]]:
    made = install(tmp_path_factory.mktemp("data"), cases=1)
    how = {"case_id": made.case_ids[0], "actor": CHIEF, "purpose": "court", "reason": "CV 12", "now": NOON}
    target = made.root / "case.zip"
    export_case(made.database.sessions, made.store, made.keys, target=target, **how)  # type: ignore[arg-type]
    shutil.unpack_archive(target, made.root / "unpacked")
    yield made, made.root / "unpacked"
    made.database.close()


def test_copy_says_whose_it_is_and_what_was_done(own: Credentials, tmp_path: Path) -> None:
    still = street_jpeg()
    signed = own.signed(still, media_type="image/jpeg", **SAID)
    (tmp_path / "copy.jpg").write_bytes(signed)
    whose = {"roots_pem": own.root_pem, "case_id": SAID["case_id"], "manifest_sha256": SAID["manifest_sha256"]}
    assert credential_faults(tmp_path / "copy.jpg", **whose) == []  # type: ignore[arg-type]
    with c2pa.Reader("image/jpeg", BytesIO(signed)) as reader:
        found = json.loads(reader.json())
    claim = found["manifests"][found["active_manifest"]]
    told = {one["label"]: one["data"] for one in claim["assertions"]}
    assert [step["action"] for step in told["c2pa.actions.v2"]["actions"]] == ["c2pa.opened", "c2pa.edited", REDACTED]
    assert told[LABEL] == {"case_id": SAID["case_id"], "manifest_sha256": "ab" * 32, "item": "during.jpg"}
    assert [one["relationship"] for one in claim["ingredients"]] == ["parentOf"]
    assert "thumbnail" not in json.dumps(found)
    assert Image.open(BytesIO(signed)).tobytes() == Image.open(BytesIO(still)).tobytes()


def test_altered_strange_and_misplaced_credentials_are_named(own: Credentials, tmp_path: Path) -> None:
    signed = own.signed(street_jpeg(), media_type="image/jpeg", **SAID)
    picture = bytearray(signed)
    picture[-2000] ^= 1
    stranger = open_credentials(tmp_path / "stranger")
    cases = {
        "a changed pixel": (bytes(picture), own, {}, "assertion.dataHash.mismatch"),
        "no credentials": (street_jpeg(), own, {}, "no JUMBF data"),
        "a stranger's": (signed, stranger, {}, "signingCredential.untrusted"),
        "another case's": (signed, own, {"case_id": "PN-0000-0000"}, "name another case_id, 'PN-7K3M-Q2XD'"),
        "no picture": (b"\xff\xd8\xff", own, {}, "content credentials"),
    }
    for label, (data, trusted, wanted, says) in cases.items():
        (tmp_path / "copy.jpg").write_bytes(data)
        (fault,) = credential_faults(tmp_path / "copy.jpg", roots_pem=trusted.root_pem, **wanted)
        assert says in fault, (label, fault)


def test_export_bears_them_and_verify_names_a_copy_that_lost_them(exported: tuple[Installation, Path]) -> None:
    made, folder = exported
    assert verify_export(folder).intact
    copy = folder / "copies" / "during.jpg"
    whole = copy.read_bytes()
    with Image.open(copy) as picture:
        picture.save(copy, "JPEG")
    faults = [str(fault) for fault in verify_export(folder).faults if fault.item == "copies/during.jpg"]
    assert len(faults) == 2  # not as listed, and without credentials
    assert "no JUMBF data" in faults[1]
    copy.write_bytes(whole)
    root = folder / "keys" / "c2pa-root.crt.pem"
    kept = root.read_bytes()
    root.write_bytes(open_credentials(made.root / "other").root_pem)
    items = {fault.item for fault in verify_export(folder).faults}
    assert {"keys/c2pa-root.crt.pem", "copies/before.jpg", "copies/during.jpg"} <= items
    root.write_bytes(kept)


def test_one_copy_alone_is_checked_with_the_installations_certificate(exported: tuple[Installation, Path]) -> None:
    made, folder = exported
    target = str(folder / "copies" / "during.jpg")
    assert verify_target(target, Settings(data_dir=made.root)).intact
    elsewhere = verify_target(target, Settings(data_dir=made.root / "nowhere"))
    assert "signingCredential.untrusted" in str(elsewhere)
    assert "no JUMBF data" in str(verify_target(str(folder / "original" / "during.jpg"), Settings(data_dir=made.root)))


def test_first_use_makes_one_certificate_however_many_ask(tmp_path: Path) -> None:
    made: list[bytes] = []
    askers = [threading.Thread(target=lambda: made.append(open_credentials(tmp_path).chain_pem)) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    assert (len(made), len(set(made))) == (6, 1)
    assert (tmp_path / "c2pa" / "key.pem").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in (tmp_path / "c2pa").iterdir()) == ["chain.pem", "key.pem"]


def test_configured_certificate_is_used_and_misfits_are_named(tmp_path: Path) -> None:
    one, other = open_credentials(tmp_path / "one"), open_credentials(tmp_path / "other")
    chain, key = tmp_path / "one" / "c2pa" / "chain.pem", tmp_path / "one" / "c2pa" / "key.pem"
    assert open_credentials(tmp_path / "none", certificate=chain, key=key).chain_pem == one.chain_pem
    assert not (tmp_path / "none").exists()
    for how, says in (
        ({"certificate": chain}, "give both or neither"),
        ({"certificate": chain, "key": tmp_path / "other" / "c2pa" / "key.pem"}, "is not that of"),
        ({"certificate": chain, "key": tmp_path / "nothing.pem"}, "nothing.pem"),
        ({"certificate": key, "key": key}, "not readable"),
    ):
        with pytest.raises(ConfigError, match=says):
            open_credentials(tmp_path / "none", **how)
    with pytest.raises(EvidenceError, match="content credentials cannot be put on it"):
        replace(other).signed(b"no picture", media_type="image/jpeg", **SAID)

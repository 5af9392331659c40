"""Signing with a token: a real PKCS#11 module (SoftHSM2) holds the key; what is wrong with it is said."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from cases.accounts import add_user
from cases.notice.issue import document_pdf
from cases.notice.signature import signature_faults
from cases.notice.token import TokenKey, token_of
from cases.records import Notice
from cases.settings import Settings
from detector.types import ConfigError
from phatnguoi import app
from tests.cases.installation import Installation, faults, install
from tests.cases.notice.issuing import anew

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "123456"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The module with a token `police` in it that holds key and certificate `ky`."""
    pkcs11 = pytest.importorskip("pkcs11", reason="tokens: python-pkcs11 is not installed (phatnguoi[pkcs11])")
    found = next((Path(path) for path in MODULES if Path(path).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("tokens: SoftHSM2 is not installed (apt-get install softhsm2)")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        _util("--init-token", "--free", "--label", "police", "--pin", PIN, "--so-pin", "654321")
        key, certificate = _key_and_certificate()
        (folder / "key.pem").write_bytes(key)
        _util("--import", str(folder / "key.pem"), "--token", "police", "--label", "ky", "--id", "01", "--pin", PIN)
        with pkcs11.lib(str(found)).get_token(token_label="police").open(user_pin=PIN, rw=True) as session:
            from pkcs11.util.x509 import decode_x509_certificate

            attribute = pkcs11.Attribute
            more = {attribute.LABEL: "ky", attribute.ID: b"\x01", attribute.TOKEN: True}
            session.create_object(decode_x509_certificate(certificate) | more)
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("data"), cases=2)
    add_user(made.database.sessions, name="ky", password=None, role="signer", title="station_chief", subject="ky")
    yield made
    made.database.close()


def _util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, timeout=60)


def _key_and_certificate() -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trần Văn Ký")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(5).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    )
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return pem, certificate.public_bytes(serialization.Encoding.DER)


def test_token_signs_a_file_and_the_result_is_a_valid_pades_signature(
    module: Path, made: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = document_pdf(made.store, anew(made).document, signed=False)
    (tmp_path / "paper.pdf").write_bytes(whole)
    how = ["--module", str(module), "--token", "police", "--key", "ky", "--out", str(tmp_path / "signed.pdf")]
    refused = CliRunner().invoke(app, ["paper", "sign-file", str(tmp_path / "paper.pdf"), *how])
    assert isinstance(refused.exception, ConfigError)
    assert "PHATNGUOI_PIN" in str(refused.exception)  # nobody to ask
    monkeypatch.setenv("PHATNGUOI_PIN", PIN)
    done = CliRunner().invoke(app, ["paper", "sign-file", str(tmp_path / "paper.pdf"), *how], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    signed = (tmp_path / "signed.pdf").read_bytes()
    assert signature_faults(signed, issued=whole) == []
    assert b"/ETSI.CAdES.detached" in signed


def test_token_of_the_settings_signs_in_the_installation(
    module: Path, made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = anew(made).document
    for name, value in (("MODULE", str(module)), ("TOKEN", "police"), ("KEY", "ky")):
        monkeypatch.setenv(f"PHATNGUOI_PKCS11_{name}", value)
    monkeypatch.setenv("PHATNGUOI_PIN", PIN)
    how = ["--as", "ky", "--data", str(made.root)]
    done = CliRunner().invoke(app, ["paper", "sign", document.case_id, document.id, *how], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    with made.database.sessions() as session:
        row = session.get_one(Notice, document.id)
    assert row.signed_by == "ky"
    whole = document_pdf(made.store, row, signed=False)
    assert signature_faults(document_pdf(made.store, row, signed=True), issued=whole) == []
    assert faults(made) == []


def test_what_is_wrong_with_a_token_is_said(module: Path, made: Installation, tmp_path: Path) -> None:
    whole = document_pdf(made.store, anew(made).document, signed=False)
    text = tmp_path / "module.so"
    text.write_text("no library")
    wrong = {
        "the PIN is wrong": ({}, "000000"),
        "PIN is wrong; too many": ({}, ""),
        "'other': is not there; plug it in": ({"token": "other"}, PIN),
        "expected one key labelled 'other'": ({"key": "other"}, PIN),
        "there is no such library": ({"module": tmp_path / "none.so"}, PIN),
        "cannot": ({"module": text}, PIN),
    }
    for says, (change, pin) in wrong.items():
        given = {"module": module, "token": "police", "key": "ky", **change}
        with pytest.raises(ConfigError, match=says):
            TokenKey(**given).signed(whole, pin)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot sign"):
        TokenKey(module=module, token="police", key="ky").signed(b"no pdf", PIN)


def test_half_a_token_in_the_settings_is_refused(tmp_path: Path) -> None:
    assert token_of(Settings(data_dir=tmp_path)) is None
    with pytest.raises(ConfigError, match="give all three or none"):
        token_of(Settings(data_dir=tmp_path, pkcs11_token="police"))

"""Signing a paper with a token or HSM (PKCS#11): the key never leaves it, the PIN is asked for and never kept.

The module (a library of the token's maker) talks to the token; which token and which key on it go by their labels. The
result is the same PAdES signature as with a key file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError

from detector.types import ConfigError

if TYPE_CHECKING:
    from cases.settings import Settings

FIELD = "ChuKySo"
METADATA = PdfSignatureMetadata(
    field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason="Ký số văn bản"
)
PIN_VARIABLE = "PHATNGUOI_PIN"
"""Environment variable for the PIN where nobody can be asked; there is no setting and no option for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """A key on a token: the library that talks to it, the token's label, the label of key and certificate."""

    module: Path
    token: str
    key: str

    def signed(self, pdf: bytes, pin: str) -> bytes:
        """The PDF with a PAdES signature appended; the bytes before it stay as they were.

        Raises:
            ConfigError: module, token or key is not there, or the PIN is wrong or locked; nothing is tried twice.
        """
        with _explaining(self), _session(self, pin) as session:
            from pyhanko.sign.pkcs11 import PKCS11Signer

            signer = PKCS11Signer(session, cert_label=self.key, key_label=self.key)
            target = BytesIO()
            sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), METADATA, signer=signer, output=target)
            return target.getvalue()


def token_of(settings: "Settings") -> TokenKey | None:
    """The token the settings name, None without one.

    Raises:
        ConfigError: only some of the three settings are given.
    """
    given = (settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_key)
    if given == (None, None, None):
        return None
    if settings.pkcs11_module is None or settings.pkcs11_token is None or settings.pkcs11_key is None:
        raise ConfigError("pkcs11_module, pkcs11_token, pkcs11_key: give all three or none")
    return TokenKey(module=settings.pkcs11_module, token=settings.pkcs11_token, key=settings.pkcs11_key)


@contextmanager
def _session(key: TokenKey, pin: str) -> Iterator[Any]:
    """A session with the token, closed at the end, so that the PIN is needed again."""
    from pyhanko.sign.pkcs11 import open_pkcs11_session

    if not key.module.is_file():
        raise ConfigError(f"pkcs11_module {key.module}: there is no such library; install the token maker's software")
    session = open_pkcs11_session(str(key.module), token_criteria=TokenCriteria(label=key.token), user_pin=pin)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _explaining(key: TokenKey) -> Iterator[None]:
    try:
        import pkcs11
    except ModuleNotFoundError as error:
        raise ConfigError("signing with a token needs python-pkcs11; install phatnguoi[pkcs11]") from error
    where = f"token {key.token!r}"
    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise ConfigError(f"{where}: the PIN is wrong; too many wrong ones lock the token") from error
    except pkcs11.PinLocked as error:
        raise ConfigError(f"{where}: is locked after wrong PINs; its issuer unlocks it") from error
    except (pkcs11.NoSuchToken, pkcs11.TokenNotPresent) as error:
        raise ConfigError(f"{where}: is not there; plug it in, or correct its label (pkcs11_token)") from error
    except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned) as error:
        raise ConfigError(
            f"{where}: expected one key labelled {key.key!r} (pkcs11_key) with its certificate"
        ) from error
    except (pkcs11.PKCS11Error, PdfError, SigningError) as error:
        raise ConfigError(_told(key, error)) from error
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"pkcs11_module {key.module}: cannot be used ({error}); is it a PKCS#11 library?") from error


def _told(key: TokenKey, error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "token" in text.lower() and "match" in text.lower():
        return f"token {key.token!r}: is not there; plug it in, or correct its label (pkcs11_token)"
    if "certificate" in text.lower() or "no key" in text.lower() or "could not find" in text.lower():
        return f"token {key.token!r}: expected one key labelled {key.key!r} (pkcs11_key) with its certificate"
    return f"token {key.token!r}: cannot sign ({text[:200]})"

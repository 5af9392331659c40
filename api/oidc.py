"""Logging in through an OpenID provider: authorization code with PKCE, the identity token checked by its keys.

What belongs to one attempt (state, nonce, verifier) travels in a signed cookie of ten minutes, so no server keeps it.
An account belongs to a person by `ISSUER#SUBJECT`; who has no account gets none by logging in.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from requests.exceptions import RequestException

from api.problems import ProblemError
from cases.settings import Settings
from detector.types import ConfigError

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

ATTEMPT_S = 600
TIMEOUT_S = 10
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SCOPE = "openid profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Where to send the browser, and the cookie that must come back with it."""

    address: str
    cookie: str


class Provider:
    """One OpenID provider; its description and keys are fetched when first needed."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer, self.client_id = issuer.rstrip("/"), client_id
        self._secret = client_secret
        self._key = OctKey.import_key(hashlib.sha256(b"attempt" + client_secret.encode()).digest())
        self._description: dict[str, Any] = {}

    def begin(self, redirect_uri: str) -> Attempt:
        """Start an attempt.

        Raises:
            ProblemError: 502, the provider does not answer.
        """
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        address, state = self._session(redirect_uri).create_authorization_url(
            self._described("authorization_endpoint"),
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        claims = {"state": state, "nonce": nonce, "verifier": verifier, "exp": int(time.time()) + ATTEMPT_S}
        return Attempt(address=address, cookie=jwt.encode({"alg": "HS256"}, claims, self._key))

    def finish(self, redirect_uri: str, *, code: str, state: str, cookie: str) -> str:
        """Who came back, as `ISSUER#SUBJECT`.

        Raises:
            ProblemError: 401, the attempt is not this browser's, too old, or the token is not the provider's;
                502, the provider does not answer.
        """
        attempt = self._attempt(cookie)
        if not secrets.compare_digest(attempt["state"].encode(), state.encode()):
            raise _refused("the answer belongs to another attempt; start again")
        try:
            token = self._session(redirect_uri).fetch_token(
                self._described("token_endpoint"), code=code, code_verifier=attempt["verifier"], timeout=TIMEOUT_S
            )
        except RequestException as error:
            raise _unreachable(self.issuer, error) from error
        except Exception as error:  # authlib raises errors of many kinds for what a provider may answer
            raise _refused(f"the provider did not accept the code ({type(error).__name__})") from error
        return f"{self.issuer}#{self._subject(token.get('id_token', ''), attempt['nonce'])}"

    def _attempt(self, cookie: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(cookie, self._key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except (JoseError, ValueError) as error:
            raise _refused("the attempt is too old or of another browser; start again") from error
        return claims

    def _subject(self, token: str, nonce: str) -> str:
        rules = jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": self._described("issuer")},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            keys = KeySet.import_key_set(cast("KeySetSerialization", _fetch(self._described("jwks_uri"))))
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise _refused(f"the provider's token does not hold ({type(error).__name__})") from error
        return str(claims["sub"])

    def _session(self, redirect_uri: str) -> OAuth2Session:
        return OAuth2Session(self.client_id, self._secret, scope=SCOPE, redirect_uri=redirect_uri)

    def _described(self, name: str) -> str:
        if not self._description:
            found = _fetch(f"{self.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                raise ProblemError(502, "provider", f"{self.issuer}: describes itself as {found.get('issuer')!r}")
            self._description = found
        if name not in self._description:
            raise ProblemError(502, "provider", f"{self.issuer}: its description lacks {name}")
        return str(self._description[name])


def provider_of(settings: Settings) -> Provider | None:
    """The provider the settings name, None when they name none.

    Raises:
        ConfigError: half a configuration, or an issuer without https outside this machine.
    """
    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if not any(given):
        return None
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        raise ConfigError("settings oidc_issuer, oidc_client_id, oidc_client_secret: give all three or none")
    parts = urlsplit(settings.oidc_issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ConfigError(f"setting oidc_issuer {settings.oidc_issuer!r}: expected https://…")
    secret = settings.oidc_client_secret.get_secret_value()
    if not (secret.isascii() and settings.oidc_client_id.isascii()):
        raise ConfigError("settings oidc_client_id, oidc_client_secret: expected ASCII letters only")
    return Provider(issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, client_secret=secret)


def _fetch(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found = answer.json()
    except (RequestException, ValueError) as error:
        raise _unreachable(address, error) from error
    return found if isinstance(found, dict) else {}


def _refused(why: str) -> ProblemError:
    return ProblemError(401, "login_refused", why, {"WWW-Authenticate": "Bearer"})


def _unreachable(address: str, error: Exception) -> ProblemError:
    return ProblemError(502, "provider", f"{address}: the OpenID provider does not answer ({type(error).__name__})")

"""Settings of the installation: command line, then environment `PHATNGUOI_*`, then `phatnguoi.toml`.

Read once by `load_settings` at a command's start and handed down; nothing is read at import.
"""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from cases.database import sqlite_url
from detector.types import ConfigError, ViolationKind

SETTINGS_FILE = "phatnguoi.toml"


class Settings(BaseSettings):
    """Where things lie and how long things last; every field may be set in all three places."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="PHATNGUOI_", toml_file=SETTINGS_FILE, env_ignore_empty=True
    )

    data_dir: Path = Field(Path("data"), description="folder of the embedded default: phatnguoi.db and evidence/")
    database_url: str | None = Field(None, description="takes the place of DATA/phatnguoi.db, e.g. postgresql://…")
    evidence_root: Path | None = Field(None, description="takes the place of DATA/evidence")
    evidence_url: str | None = Field(None, description="an object store instead, s3://BUCKET/PREFIX?endpoint=https://…")
    keys_dir: Path | None = Field(None, description="folder of the signing keys; takes the place of DATA/keys")
    lock_wait_s: float = Field(10.0, gt=0, le=300, description="how long to wait for a locked database, seconds")
    claim_s: float = Field(900.0, gt=0, le=86400, description="how long an officer holds a case, seconds")
    session_s: float = Field(43200.0, gt=0, le=604800, description="how long a login lasts, seconds")
    secure_cookies: bool = Field(False, description="true behind a proxy that speaks https to the browser")

    second_kinds: tuple[ViolationKind, ...] = Field((), description="kinds that two officers must confirm")
    second_from_vnd: int = Field(15_000_000, ge=0, description="amount from which two officers must confirm, đồng")
    known_share: float = Field(0.02, ge=0, le=0.5, description="share of cases given out whose answer is known")
    blind_share: float = Field(0.10, ge=0, le=1, description="share of judged cases judged again by another officer")
    undo_s: float = Field(10.0, ge=0, le=300, description="how long a decision can be taken back, seconds")
    days_off: tuple[date, ...] = Field((), description="further days off, e.g. by a decision of this year")
    days_worked: tuple[date, ...] = Field((), description="Saturdays or Sundays worked instead of another day")
    oidc_issuer: str | None = Field(None, description="OpenID provider to log in through, e.g. https://sso.example.vn")
    oidc_client_id: str | None = Field(None, description="this installation's name at the provider")
    oidc_client_secret: SecretStr | None = Field(None, description="this installation's secret at the provider")
    public_url: str | None = Field(None, description="address browsers use, e.g. https://phatnguoi.example.vn")
    sweep_every_s: float = Field(3600.0, ge=0, le=86400, description="how often the server runs deadlines; 0: never")

    metrics_token: SecretStr | None = Field(None, description="lets other machines read /metrics (bearer token)")
    analysis_lease_s: float = Field(
        60.0, ge=1, le=86400, description="how long a server that analyses videos may give no sign of life"
    )
    anchor_every_s: float = Field(3600.0, ge=0, le=86400, description="how often the logs are anchored; 0: never")
    tsa_url: str | None = Field(None, description="RFC 3161 time-stamping authority; without one, anchors wait")
    tsa_certificate: Path | None = Field(None, description="its root certificates (PEM)")
    retention_days: dict[str, int] = Field({}, description="days evidence is kept by state, over the proposals")
    c2pa_certificate: Path | None = Field(None, description="certificate chain (PEM) that signs copies' credentials")
    c2pa_key: Path | None = Field(
        None, description="its key (PEM, P-256); without both, one is made in the keys folder"
    )
    signer_p12: Path | None = Field(None, description="PKCS#12 key that signs papers; its passphrase is asked for")
    pkcs11_module: Path | None = Field(None, description="library (.so) of the token that signs papers instead")
    pkcs11_token: str | None = Field(None, description="label of that token; its PIN is asked for each time")
    pkcs11_key: str | None = Field(None, description="label of key and certificate on that token")
    agency_parent: str = Field("Công an thành phố Hà Nội", description="superior agency, as papers print it")
    agency_name: str = Field("Phòng Cảnh sát giao thông", description="agency, as papers print it")
    agency_place: str = Field("Hà Nội", description="place, as papers print it before the date")
    agency_address: str = Field("", description="address of the agency, as papers print it")
    agency_phone: str = Field("", description="telephone of the agency, as papers print it")
    map_tiles: str | None = Field(
        None, description="tiles under the console's map, e.g. https://map.vn/{z}/{x}/{y}.png"
    )
    map_attribution: str = Field("", max_length=200, description="whose map it is, as its licence asks to be told")
    citizen_upload_mb: int = Field(60, ge=1, le=2000, description="largest photo or video a citizen may send, MB")

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str | None) -> str | None:
        """The origin goes into the pages' policy, so it must be plain; the path says which tile is meant."""
        good = value is None or re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:\d+)?/[A-Za-z0-9./_\-?=&%{}]*", value)
        if not good or (value and not all(part in value for part in ("{z}", "{x}", "{y}"))):
            raise ValueError("expected an address like https://map.vn/{z}/{x}/{y}.png")
        return value

    @property
    def map_origin(self) -> str | None:
        """Where map tiles come from: scheme, host and port."""
        return "/".join(self.map_tiles.split("/")[:3]) if self.map_tiles else None

    @property
    def citizens_url(self) -> str:
        """The address of the citizens' pages, as papers print it."""
        return (self.public_url or "http://127.0.0.1:8000").rstrip("/")

    @property
    def citizen_files(self) -> Path:
        """Where citizens' photos and videos lie, apart from the evidence."""
        return self.data_dir / "citizen"

    @property
    def outgoing(self) -> Path:
        """Where papers are laid out for channels that are not connected."""
        return self.data_dir / "outgoing"

    @property
    def database(self) -> str:
        """The URL of the database in use."""
        return self.database_url or sqlite_url(self.data_dir / "phatnguoi.db")

    @property
    def evidence(self) -> Path:
        """The folder of the evidence store in use."""
        return self.evidence_root or self.data_dir / "evidence"

    @property
    def keys(self) -> Path:
        """The folder of the signing keys in use."""
        return self.keys_dir or self.data_dir / "keys"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**command_line: Any) -> Settings:
    """The settings in force; arguments that are None were not given on the command line.

    Raises:
        ConfigError: an unknown key or a value out of bounds, one line per fault.
    """
    given = {name: value for name, value in command_line.items() if value is not None}
    try:
        return Settings(**given)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{SETTINGS_FILE}: not readable as TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(_line(fault) for fault in error.errors(include_url=False))) from error


def _line(fault: Any) -> str:
    name = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"{SETTINGS_FILE}: {name}: unknown key; known are {', '.join(Settings.model_fields)}"
    return f"setting {name} (or PHATNGUOI_{name.upper()}): {fault['msg']} (got {fault['input']!r:.80})"

"""Where a device answers ONVIF: host, port, with TLS or without; and what else may stand for that place."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device answers; `tls` where it is asked over HTTPS."""

    host: str
    port: int = 80
    tls: bool = False

    @classmethod
    def parse(cls, url: str) -> Self:
        """The place that an `http://` or `https://` address names.

        Raises:
            ValueError: it names none.
        """
        parts = urlsplit(url)
        if parts.scheme not in USUAL_PORTS or not parts.hostname:
            raise ValueError("no http:// or https:// address")
        port = parts.port or USUAL_PORTS[parts.scheme]
        return cls(host=parts.hostname, port=port, tls=parts.scheme == "https")

    def __str__(self) -> str:
        place = self._host if self.port == USUAL_PORTS[self._scheme] else f"{self._host}:{self.port}"
        return f"https://{place}" if self.tls else place

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{self._scheme}://{self._host}:{self.port}"

    @property
    def label(self) -> str:
        """For names of files."""
        host = self.host.replace(":", "-")
        return host if self.port == USUAL_PORTS[self._scheme] else f"{host}-{self.port}"

    def secured(self) -> "Place":
        """Where the same device is asked over TLS."""
        port = USUAL_PORTS["https"] if self.port == USUAL_PORTS["http"] else self.port
        return Place(host=self.host, port=port, tls=True)

    def own(self, address: str) -> str:
        """The address of a service that a device here tells, at this place where it names another.

        Neither the digest nor the trust in a certificate is carried to another host, nor from TLS to none; and cameras
        behind a router tell addresses that nobody else can reach.
        """
        parts = urlsplit(address)
        place = f"{self._host}:{self.port}"
        if self._is_here(parts):
            place = f"{self._host}:{parts.port or USUAL_PORTS[self._scheme]}"
        return urlunsplit((self._scheme, place, parts.path, parts.query, ""))

    def _is_here(self, parts: SplitResult) -> bool:
        return parts.scheme == self._scheme and parts.hostname == self.host

    @property
    def _scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

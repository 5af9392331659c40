"""How an ONVIF device is reached: over TLS only once it is trusted, answers bounded, referrals not followed.

The library that speaks ONVIF checks no certificate, follows redirects and reads answers of any length, so it is given
a transport of ours. Needs the extra `[onvif]`.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import onvif
from zeep.transports import AsyncTransport

from detector.types import SourceError
from pipelines.live.onvif_place import Place
from pipelines.live.trust import HANDSHAKE_S, Trust, UntrustedError, checking_context, fingerprint_of, spelled

MOST_BYTES = 2_000_000
"""Of one answer; a recorder of 64 cameras with three streams each tells less than half of it."""
CONNECT_S = 5.0
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
_OTHERS = {"media2": (MEDIA2, Path(__file__).with_name("media2.wsdl"), f"{{{MEDIA2}}}Media2Binding")}
"""Services that the library brings no description of."""


class MovedError(SourceError):
    """The device refers to another address, which is not followed: whoever is there was not asked for."""

    def __init__(self, place: Place, location: str) -> None:
        super().__init__(f"{place}: chuyển sang nơi khác / refers to another address: {location}")
        self.location = location


class TooMuchError(Exception):
    """An answer longer than any camera's."""


class Camera(onvif.ONVIFCamera):  # type: ignore[misc]
    """The library's camera, asked at one place over one transport."""

    def __init__(self, place: Place, user: str | None, password: str | None, client: httpx.AsyncClient) -> None:
        host = place.url.rpartition(":")[0]
        super().__init__(host, place.port, user or "", password or "", no_cache=True, adjust_time=True)
        self._place = place
        self._wire = _Wire(place, client)

    def get_definition(self, name: str, port_type: str | None = None) -> tuple[str, str, str]:
        """Address, description and binding of a service."""
        if name not in _OTHERS:
            address, description, binding = super().get_definition(name, port_type)
            return self._place.own(address), description, binding
        namespace, path, binding = _OTHERS[name]
        return self._place.own(self.xaddrs[namespace]), str(path), binding

    async def create_onvif_service(
        self,
        name: str,
        port_type: str | None = None,
        read_timeout: int | None = None,
        write_timeout: int | None = None,
    ) -> Any:
        """A service over our transport."""
        key = (name, port_type)
        if key not in self.services:
            address, description, binding = self.get_definition(name, port_type)
            service = onvif.ONVIFService(
                address,
                self.user,
                self.passwd,
                description,
                self.encrypt,
                no_cache=self.no_cache,
                dt_diff=self.dt_diff,
                binding_name=binding,
                binding_key=key,
                read_timeout=read_timeout,
                write_timeout=write_timeout,
            )
            service.transport = self._wire
            await service.setup()
            self.services[key] = service
        return self.services[key]


@asynccontextmanager
async def reached(place: Place, user: str | None, password: str | None, trust: Trust) -> AsyncIterator[Camera]:
    """A camera to be asked; over TLS one that is trusted, before a word is said.

    Raises:
        UntrustedError: its certificate is not trusted.
        SourceError: it does not shake hands.
    """
    # The library lets everybody log what is said: a line for each question, among the faults of cameras.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context = await _trusted(place, trust) if place.tls else False
    timeout = httpx.Timeout(None, connect=CONNECT_S)
    # For web servers that ask for a login before ONVIF does; never as plain text, which theirs may ask for too.
    login = httpx.DigestAuth(user, password or "") if user else None
    wire = _Bounded(verify=context, trust_env=False)
    async with httpx.AsyncClient(transport=wire, auth=login, timeout=timeout, trust_env=False) as client:
        camera = Camera(place, user, password, client)
        try:
            yield camera
        finally:
            await camera.close()


class _Wire(AsyncTransport):
    """Sends what zeep says, through a client that belongs to the camera."""

    def __init__(self, place: Place, client: httpx.AsyncClient) -> None:
        super().__init__(client=client, wsdl_client=client)  # type: ignore[no-untyped-call]
        self._place = place

    async def aclose(self) -> None:
        """Left to the camera: the library closes one service while others are still to be asked."""

    async def post(self, address: str, message: bytes, headers: dict[str, str]) -> httpx.Response:
        try:
            return await self._posted(address, message, headers)
        except httpx.RemoteProtocolError:
            # A kept connection that the camera had closed meanwhile; on a new one it is asked once more.
            return await self._posted(address, message, headers)

    async def _posted(self, address: str, message: bytes, headers: dict[str, str]) -> httpx.Response:
        answer = await self.client.post(address, content=message, headers={**headers, "Accept-Encoding": "identity"})
        if answer.has_redirect_location:
            raise MovedError(self._place, str(answer.headers["Location"]))
        kind = {"Content-Type": answer.headers.get("Content-Type", "application/soap+xml")}
        return httpx.Response(answer.status_code, headers=kind, content=answer.content, request=answer.request)


class _Bounded(httpx.AsyncHTTPTransport):
    """Gives no more of any answer than a camera's has, be it one that the client reads by itself to log in."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        # Not inflated: a few bytes could become gigabytes.
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-encoding"]
        return httpx.Response(
            answer.status_code, headers=headers, stream=_Counted(answer.stream), extensions=answer.extensions
        )


class _Counted(httpx.AsyncByteStream):
    """An answer's bytes up to `MOST_BYTES`; more raise `TooMuchError`."""

    def __init__(self, told: httpx.AsyncByteStream) -> None:
        self._told = told

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for part in self._told:
            count += len(part)
            if count > MOST_BYTES:
                raise TooMuchError
            yield part

    async def aclose(self) -> None:
        await self._told.aclose()


async def _trusted(place: Place, trust: Trust) -> ssl.SSLContext:
    """What every connection to a place is checked by, once its certificate is seen to pass."""
    shown = await _shown(place, checking_context(Trust(insecure=True)))
    pinned = None if trust.fingerprint is None else shown
    if pinned is not None and fingerprint_of(pinned) != trust.fingerprint:
        raise _untrusted(place, shown, "khác vân tay đã cho", "not of the fingerprint given")
    context = checking_context(trust, pinned)
    try:
        await _shown(place, context)
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(place, shown, "chưa tin được", error.verify_message.rstrip(".")) from None
    return context


async def _shown(place: Place, context: ssl.SSLContext) -> bytes:
    """DER of the certificate that is shown; nothing is sent but the handshake."""
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            _, writer = await asyncio.open_connection(place.host, place.port, ssl=context)
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, TimeoutError) as error:
        name = type(error).__name__
        raise SourceError(f"{place}: không kết nối TLS được / cannot be reached over TLS ({name})") from None
    certificate: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return certificate


def _untrusted(place: Place, shown: bytes, told_vi: str, told: str) -> UntrustedError:
    digits = spelled(fingerprint_of(shown))
    return UntrustedError(
        f"{place}: chứng thư của camera {told_vi}, chưa gửi gì cho nó; so vân tay {digits} với trang của chính camera"
        f" rồi cho --fingerprint, hoặc --ca TỆP của nơi cấp / the camera's certificate is not trusted ({told}), nothing"
        f" was sent to it; compare its fingerprint {digits} with the camera's own page, then give --fingerprint, or"
        " --ca FILE of the authority that issued it; --insecure leaves it unchecked",
        fingerprint=fingerprint_of(shown),
    )

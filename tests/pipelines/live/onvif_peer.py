"""A camera that speaks ONVIF: SOAP with WS-UsernameToken checked for real, and answers to WS-Discovery probes.

In a test's own process (`onvif_peer`), or `python -m tests.pipelines.live.onvif_peer HOST PORT [PEM]` in another
network, where it answers multicast probes too; over TLS where it has a certificate.
"""

import base64
import hashlib
import socket
import struct
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from xml.sax.saxutils import escape

from tests.pipelines.live.certificates import https_server

USER, PASSWORD = "viewer", "càm&ra/1"
GROUP = ("239.255.255.250", 3702)
FRESH_S = 10.0
_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
_WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
_NAMES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:ter="http://www.onvif.org/ver10/error"'
)
PROFILES = (("main", "Chính & phụ", 1920, 1080, 25), ("sub", "Sub", 640, 360, 10), ("tiny", "Tiny", 352, 288, 5))
"""Token, name, size and rate of each; what stands before a dash in the token is what films."""
PROFILES2 = (("main", "Chính & phụ", 3840, 2160, 25, "H265"), ("sub", "Sub", 640, 360, 12.5, "H264"))
"""The same for the second media service, with the encoding."""
_TR2 = "{http://www.onvif.org/ver20/media/wsdl}"
_NOT_SUPPORTED = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>ter:ActionNotSupported</s:Value></s:Subcode>"
    '</s:Code><s:Reason><s:Text xml:lang="en">Optional Action Not Implemented</s:Text></s:Reason></s:Fault>'
)


class OnvifPeer(BaseHTTPRequestHandler):
    """Answers; a subclass sets what differs."""

    clock_off = timedelta()
    host = "127.0.0.1"
    password = PASSWORD
    profiles = PROFILES
    profiles2 = PROFILES2
    services = ("ver10/device", "ver10/media")
    told_host = ""
    told_port = 0
    """Of the services' addresses, where they are not its own; they are told without TLS, as many cameras do."""
    stream = f"rtsp://{USER}:secret@0.0.0.0:554/TOKEN?channel=1&proto=Onvif"
    protocols = ("RtspUnicast", "RTSP")
    """Those that the second media service knows."""
    faulty: frozenset[str] = frozenset()
    """What is answered with a fault: `ver20/media/GetProfiles`."""
    raw: ClassVar[Mapping[str, bytes]] = {}
    """What is answered in other words, by the same names."""
    seen: set[str]
    heard: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(body)
        envelope = ET.fromstring(body)
        asked = envelope.find("{http://www.w3.org/2003/05/soap-envelope}Body")
        assert asked is not None
        namespace, name = asked[0].tag[1:].split("}")
        service = namespace.removeprefix("http://www.onvif.org/").removesuffix("/wsdl")
        if name != "GetSystemDateAndTime" and not self._authorized(envelope):
            self._send(
                400,
                "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode>"
                '</s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>',
            )
            return
        if f"{service}/{name}" in self.raw:
            self._send_raw(200, self.raw[f"{service}/{name}"])
        elif f"{service}/{name}" in self.faulty:
            self._send(500, _NOT_SUPPORTED)
        else:
            self._answer(getattr(self, f"_{name}{2 if service == 'ver20/media' else ''}")(asked[0]))

    def _answer(self, body: str) -> None:
        self._send(500 if body == _NOT_SUPPORTED else 200, body)

    def _authorized(self, envelope: ET.Element) -> bool:
        token = envelope.find(f".//{_WSSE}UsernameToken")
        if token is None:
            return False
        said = {tag: token.findtext(f"{space}{tag}", "") for space, tag in _PARTS}
        nonce, created = base64.b64decode(said["Nonce"]), said["Created"]
        digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + self.password.encode()).digest()).decode()
        age = datetime.now(UTC) + self.clock_off - datetime.fromisoformat(created)
        used = said["Nonce"] in self.seen
        self.seen.add(said["Nonce"])
        return (
            said["Username"] == USER and said["Password"] == digest and abs(age.total_seconds()) < FRESH_S and not used
        )

    def _GetSystemDateAndTime(self, _asked: ET.Element) -> str:
        now = datetime.now(UTC) + self.clock_off
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetServices(self, _asked: ET.Element) -> str:
        port = self.told_port or self.server.server_address[1]
        services = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>"
            f"<tds:XAddr>http://{self.told_host or self.host}:{port}/onvif/{name}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for name in self.services
        )
        return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"

    def _GetDeviceInformation(self, _asked: ET.Element) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Hồ\nGươm</tds:Manufacturer><tds:Model>HG-2</tds:Model>"
            "<tds:FirmwareVersion>1.2.3</tds:FirmwareVersion><tds:SerialNumber>A1B2</tds:SerialNumber>"
            "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _GetProfiles(self, _asked: ET.Element) -> str:
        return "<trt:GetProfilesResponse>" + "".join(map(_profile, self.profiles)) + "</trt:GetProfilesResponse>"

    def _GetStreamUri(self, asked: ET.Element) -> str:
        token = asked.findtext("{http://www.onvif.org/ver10/media/wsdl}ProfileToken")
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{self._stream(token)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            "</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _GetProfiles2(self, asked: ET.Element) -> str:
        assert asked.findtext(f"{_TR2}Type") == "All"
        return "<tr2:GetProfilesResponse>" + "".join(map(_profile2, self.profiles2)) + "</tr2:GetProfilesResponse>"

    def _GetStreamUri2(self, asked: ET.Element) -> str:
        if asked.findtext(f"{_TR2}Protocol") not in self.protocols:
            return _NOT_SUPPORTED
        uri = self._stream(asked.findtext(f"{_TR2}ProfileToken"))
        return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"

    def _stream(self, token: str | None) -> str:
        return escape(self.stream.replace("TOKEN", token or ""))

    def _send(self, status: int, body: str) -> None:
        self._send_raw(status, enveloped(body))

    def _send_raw(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


def enveloped(body: str) -> bytes:
    """A SOAP message."""
    head = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMES}>'
    return f"{head}<s:Body>{body}</s:Body></s:Envelope>".encode()


_PARTS = ((_WSSE, "Username"), (_WSSE, "Password"), (_WSSE, "Nonce"), (_WSU, "Created"))


def _profile(profile: tuple[str, str, int, int, int]) -> str:
    token, name, width, height, fps = profile
    name = name.replace("&", "&amp;")
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{name}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="v-{token}"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:SourceToken>{token.split('-')[0] if '-' in token else 'lens'}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{width}" height="{height}"/></tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="e-{token}"><tt:Name>{name}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:Quality>4</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type></tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL>"
        "<tt:AutoStart>false</tt:AutoStart></tt:Multicast><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
        "</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def _profile2(profile: tuple[str, str, object, object, object, str]) -> str:
    token, name, width, height, fps, encoding = profile
    return (
        f'<tr2:Profiles token="{token}" fixed="true"><tr2:Name>{escape(name)}</tr2:Name><tr2:Configurations>'
        f'<tr2:VideoSource token="v-{token}"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:SourceToken>lens</tt:SourceToken></tr2:VideoSource>"
        f'<tr2:VideoEncoder token="e-{token}" GovLength="50"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>{encoding}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        f"</tt:Resolution><tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit>"
        "<tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>"
        "</tr2:Configurations></tr2:Profiles>"
    )


@contextmanager
def onvif_peer(*, host: str = "127.0.0.1", port: int = 0, pem: Path | None = None, **differs: object) -> Iterator[int]:
    """A camera at work, over TLS alone where it has a certificate; gives its port."""
    peer = type("Peer", (OnvifPeer,), {"host": host, "seen": set(), "heard": [], **differs})
    if pem is not None:
        with https_server(peer, pem, host, port) as listens_at:
            yield listens_at
        return
    server = ThreadingHTTPServer((host, port), peer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer_probes(host: str, port: int, scheme: str) -> None:
    """Answers multicast probes for cameras, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as group:
        group.bind(("", GROUP[1]))
        joined = struct.pack("4s4s", socket.inet_aton(GROUP[0]), socket.inet_aton(host))
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        print("listening", flush=True)
        while True:
            data, client = group.recvfrom(65536)
            envelope = ET.fromstring(data)
            asked = envelope.findtext("{http://www.w3.org/2003/05/soap-envelope}Header/{*}MessageID")
            if envelope.find(".//{*}Probe") is not None and asked:
                group.sendto(_match(asked, f"{scheme}://{host}:{port}/onvif/device_service").encode(), client)


def _match(asked: str, address: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
        "<s:Header><a:MessageID>urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917b</a:MessageID>"
        f"<a:RelatesTo>{asked}</a:RelatesTo>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>"
        "<s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference>"
        "<a:Address>urn:uuid:0a6dc791-2be6-4991-9af1-454778a1917a</a:Address></a:EndpointReference>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/HG-2</d:Scopes>"
        f"<d:XAddrs>{address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>"
        "</s:Body></s:Envelope>"
    )


if __name__ == "__main__":
    certificate = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    with onvif_peer(host=sys.argv[1], port=int(sys.argv[2]), pem=certificate) as listens_at:
        answer_probes(sys.argv[1], listens_at, "http" if certificate is None else "https")

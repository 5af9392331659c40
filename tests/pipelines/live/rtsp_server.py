"""GStreamer's RTSP server over one file, run by the system's Python.

`rtsp_server.py ADDRESS PORT FILE [USER PASSWORD | PEM]`

Every client gets the file from its beginning, at the pace of its times. Prints its port once it listens (PORT 0 has
the system choose one). SIGUSR1 has it drop the client who has been there longest.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def main(address: str, port: str, file: str, user: str = "", password: str = "") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address(address)
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(
        f"( filesrc location={file} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )"
    )
    if user:
        _guard(server, factory, user, password)
    server.get_mount_points().add_factory("/main", factory)
    if not server.attach(None):
        sys.exit(f"{address}:{port} cannot be listened on")
    clients = []
    server.connect("client-connected", lambda _server, client: _welcome(clients, client))
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, lambda: _drop(clients))
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def _welcome(clients: list, client: object) -> None:
    clients.append(client)
    client.connect("closed", lambda gone: gone in clients and clients.remove(gone))


def _drop(clients: list) -> bool:
    if clients:
        clients[0].close()
    return True


def _guard(server: object, factory: object, user: str, password: str) -> None:
    token = GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth.new()
    if user.endswith(".pem"):
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(user))
        auth.set_default_token(token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions.new()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


if __name__ == "__main__":
    main(*sys.argv[1:])

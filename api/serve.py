"""`phatnguoi serve`: the API and the console on one address until stopped."""

import socket
import sys
from pathlib import Path

import uvicorn

from api import console
from api.app import create_app
from api.warm import warm
from cases.accounts import list_users
from cases.export import ClipMaker
from cases.settings import load_settings
from detector.types import ConfigError


def serve(data_dir: Path | None, host: str = "127.0.0.1", port: int = 8000, *, clips: ClipMaker | None = None) -> None:
    """Serve until interrupted; a data folder of None leaves it to environment and settings file.

    Raises:
        ConfigError: a setting is wrong or the address cannot be used.
        CaseError, EvidenceError: database or evidence store cannot be used.
    """
    settings = load_settings(data_dir=data_dir)
    with _listen(host, port) as listener:
        app = create_app(settings, clips=clips)
        if not list_users(app.state.context.sessions):
            print("Chưa có tài khoản nào / no account yet: phatnguoi user add NAME --role officer", file=sys.stderr)
        if not console.is_built():
            print(console.NOT_BUILT, end="", file=sys.stderr)
        warm(app)
        bound_port = listener.getsockname()[1]
        print(f"http://{f'[{host}]' if ':' in host else host}:{bound_port}/", file=sys.stderr)
        config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ConfigError(f"address {host}:{port}: a port lies between 0 (any free one) and 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"address {host}:{port}: cannot be served on ({error}); choose another --host or --port"
        ) from error

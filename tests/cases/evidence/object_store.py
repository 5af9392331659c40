"""A real S3-compatible server (pys3local, in its own environment so that it changes nothing here) for a test run."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARY = Path(sys.prefix) / "s3" / "bin" / "pys3local"
KEY, SECRET = "phatnguoi", "khoa-thu-nghiem"


def server_binary() -> str | None:
    """Where the server is installed, None where it is not."""
    return str(BINARY) if BINARY.exists() else shutil.which("pys3local")


@contextmanager
def running_object_store(folder: Path) -> Iterator[str]:
    """The endpoint of a running server; AWS_* variables hold its keys meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(server_binary()), "serve", "--path", str(folder), "--listen", f"127.0.0.1:{port}"]
    command += ["--access-key-id", KEY, "--secret-access-key", SECRET, "--allow-bucket-creation"]
    kept = {name: os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        _await(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def new_bucket(endpoint: str) -> str:
    """The URL of an empty bucket."""
    import boto3

    name = f"test-{secrets.token_hex(6)}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/evidence?endpoint={endpoint}"


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the object store did not start")

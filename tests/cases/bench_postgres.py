"""`make bench-postgres`: `phatnguoi bench-cases` against a PostgreSQL of its own, which synchronises as in real use.

`BENCH_ARGS="--cases 1000000"` for more cases; `--no-fsync` leaves the disk out of it.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from tests.cases.postgres import new_database, running_server


def main(arguments: list[str] | None = None) -> int:
    """Start a server, fill and ask it, stop it; the figures go to stdout as JSON."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--cases", type=int, default=100_000)
    ask.add_argument("--officers", type=int, default=200)
    ask.add_argument("--decisions", type=int, default=3)
    ask.add_argument("--pause", type=float, default=10.0, help="seconds an officer looks at a case, on average")
    ask.add_argument("--fsync", action=argparse.BooleanOptionalAction, default=True)
    ask.add_argument("--folder", default="/tmp", help="where the server's files lie; a short path on the disk meant")
    given = ask.parse_args(arguments)
    with running_server(fsync=given.fsync, parent=given.folder) as server, tempfile.TemporaryDirectory() as data:
        if server is None:
            print("bench-postgres: no PostgreSQL server is installed (apt-get install postgresql)", file=sys.stderr)
            return 3
        sizes = {"--cases": given.cases, "--officers": given.officers, "--decisions": given.decisions}
        options = [str(part) for pair in sizes.items() for part in pair]
        command = [sys.executable, "-m", "phatnguoi", "bench-cases", *options, "--pause", str(given.pause)]
        environment = {**os.environ, "PHATNGUOI_DATABASE_URL": new_database(server)}
        return subprocess.run([*command, "--data", data], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

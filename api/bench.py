"""`phatnguoi bench-cases`: how long officers wait at a given number of cases, and whether many at once collide.

Fills a database with made-up cases of every state (no evidence; of the log only the detection of open ones), starts the
real server as a process of its own and asks it over HTTP, as the console does. Results are printed as JSON, times in
seconds: what was waited for, and beside it what the server computed, which a busy machine does not change.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import func, insert, select

from api.bench_plans import plans
from api.bench_rows import add_answers, case_row, detection
from cases.accounts import add_user
from cases.chain import append, chain_faults
from cases.database import Database, open_database, read_transaction, write_transaction
from cases.lifecycle import State
from cases.logins import create_token
from cases.records import Case, Decision
from cases.settings import Settings
from detector.types import CaseError

CHUNK = 5000
QUEUES = {
    "open, oldest first": "state=NEW&state=CHECK&state=MORE&state=SECOND",
    "open, newest first": "state=NEW&state=CHECK&state=MORE&state=SECOND&sort=newest",
    "open, surest first": "state=NEW&state=CHECK&state=MORE&state=SECOND&sort=surest",
    "open of one ward": "state=NEW&state=CHECK&state=MORE&state=SECOND&ward=W-007",
    "open of one kind": "state=NEW&kind=uncovered_load",
    "of one camera": "camera=CAM-0099",
    "everything": "sort=newest",
    "one day of everything": "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z",
    "owners' answers that wait": "answers=waiting",
    "papers to be signed": "papers=unsigned",
    "of citizens": "track=citizen",
    "of communes": "unit=commune",
    "sure ones, oldest first": "min_confidence=0.999",
    "held by one officer": "assignee=bench-0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRequest:
    """What to measure: cases in the store, officers at once, decisions of each, looks at each kind of queue page.

    `pause_s` is how long an officer of the crowd looks at a case, on average; 0: all of them never pause.
    """

    settings: Settings
    cases: int
    officers: int = 20
    decisions: int = 5
    looks: int = 20
    pause_s: float = 0.0


def run_bench(request: BenchRequest) -> dict[str, Any]:
    """Fill, serve, ask; see the module's text.

    Raises:
        CaseError: the database holds cases that are none of ours, or the server does not start.
    """
    database = open_database(request.settings.database, lock_wait_s=request.settings.lock_wait_s)
    try:
        begun_s = time.perf_counter()
        fill(database, request.cases)
        filled_s = time.perf_counter() - begun_s
        tokens = _officers(database, request.officers)
        with _server(request.settings) as server:
            pages = {label: _page_times(server, tokens[0], query, request.looks) for label, query in QUEUES.items()}
            single = _computed(server, lambda: _review(server.url, tokens[0], request.decisions * 4))
            crowd = _crowd(server, tokens, request)
        return {
            "database": database.engine.dialect.name,
            "cases": request.cases,
            "fill_s": round(filled_s, 1),
            "queue_page_s": pages,
            "next_after_decision_s": single,
            "officers": crowd | {"log_intact": _log_intact(database), "double": _doubles(database)},
            "plans": plans(database),
        }
    finally:
        database.close()


def fill(database: Database, count: int) -> None:
    """Bring the database to `count` made-up cases."""
    with read_transaction(database.sessions) as session:
        there = session.scalar(select(func.count()).select_from(Case)) or 0
        strange = session.scalar(select(Case.id).where(Case.source_id != "bench").limit(1))
    if strange is not None:
        raise CaseError(f"case {strange}: the database holds real cases; give an empty --data folder")
    draw = random.Random(1986)
    for begin in range(there, count, CHUNK):
        rows = [case_row(number, draw) for number in range(begin, min(begin + CHUNK, count))]
        with write_transaction(database.sessions) as session:
            session.execute(insert(Case), rows)
            add_answers(session, rows)
            for row in rows:
                if row["state"] is State.NEW:
                    append(session, detection(row))


def _officers(database: Database, count: int) -> list[str]:
    for number in range(count):
        name = f"bench-{number}"
        try:
            add_user(database.sessions, name=name, password=None, role="officer", subject=name)
        except CaseError:
            continue  # there from an earlier run
    return [create_token(database.sessions, name=f"bench-{number}", days=1).secret for number in range(count)]


@dataclass(frozen=True, slots=True)
class _Served:
    """A running server: where, and what it has computed so far."""

    url: str
    process_id: int

    def cpu_s(self) -> float:
        """User and system time of the process (`/proc`, Linux)."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server(settings: Settings) -> Iterator[_Served]:
    environment = {**os.environ, "PHATNGUOI_DATABASE_URL": settings.database, "PHATNGUOI_SWEEP_EVERY_S": "0"}
    command = [sys.executable, "-m", "phatnguoi", "serve", "--data", str(settings.data_dir), "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = []
            for line in process.stderr:
                lines.append(line)
                if line.startswith("http://"):
                    yield _Served(line.strip().rstrip("/"), process.pid)
                    return
            raise CaseError(f"the server did not start: {''.join(lines).strip()}")
        finally:
            process.terminate()


def _ask(url: str, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(url + path, data=data, headers=headers, method=method), timeout=120) as answer:
        content = answer.read()
        return answer.status, json.loads(content) if content else None


def _page_times(server: _Served, token: str, query: str, looks: int) -> dict[str, float]:
    """First page and, following its cursor, the pages behind it."""

    def look() -> list[float]:
        times, cursor = [], ""
        for _ in range(looks):
            begun_s = time.perf_counter()
            _, page = _ask(server.url, token, "GET", f"/api/v1/cases?{query}{cursor}")
            times.append(time.perf_counter() - begun_s)
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        return times

    return _computed(server, look)


def _computed(server: _Served, work: Callable[[], list[float]]) -> dict[str, float]:
    """The times waited, and the server's own time for each of them."""
    before_s = server.cpu_s()
    times = work()
    return _figures(times) | {"server_cpu": round((server.cpu_s() - before_s) / max(len(times), 1), 4)}


def _review(url: str, token: str, decisions: int, seen: list[str] | None = None, pause_s: float = 0.0) -> list[float]:
    """Decide case after case; the time from sending a decision to having the next case."""
    times = []
    draw = random.Random(token)
    time.sleep(draw.uniform(0, pause_s))
    _, case = _ask(url, token, "POST", "/api/v1/cases/next")
    for _ in range(decisions):
        if case is None:
            break
        if seen is not None:
            seen.append(case["id"])
        time.sleep(draw.uniform(0.5, 1.5) * pause_s)
        begun_s = time.perf_counter()
        body = {"action": "reject", "reason": "no_violation", "version": case["version"]}
        _ask(url, token, "POST", f"/api/v1/cases/{case['id']}/decisions", body)
        _, case = _ask(url, token, "POST", "/api/v1/cases/next")
        times.append(time.perf_counter() - begun_s)
    return times


def _crowd(server: _Served, tokens: list[str], request: BenchRequest) -> dict[str, Any]:
    """All officers at once, each deciding case after case."""
    seen: list[list[str]] = [[] for _ in tokens]
    gate = threading.Barrier(len(tokens))
    errors: list[str] = []

    def work(index: int) -> list[float]:
        gate.wait()
        try:
            return _review(server.url, tokens[index], request.decisions, seen[index], request.pause_s)
        except OSError as error:
            errors.append(str(error))
            return []

    def review() -> list[float]:
        with ThreadPoolExecutor(len(tokens)) as pool:
            return [one for part in pool.map(work, range(len(tokens))) for one in part]

    begun_s = time.perf_counter()
    figures = _computed(server, review)
    decided = sum(map(len, seen))
    return {
        "officers": len(tokens),
        "pause_s": request.pause_s,
        "decisions": decided,
        "errors": errors,
        "decisions_per_s": round(decided / (time.perf_counter() - begun_s), 1),
        "next_after_decision_s": figures,
    }


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    if not ordered:
        return {}
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"median": round(ordered[len(ordered) // 2], 4), "p95": round(p95, 4), "max": round(ordered[-1], 4)}


def _log_intact(database: Database) -> bool:
    with read_transaction(database.sessions) as session:
        return chain_faults(session, Decision) == []


def _doubles(database: Database) -> int:
    """Cases decided more often than their version says: lost updates and double claims."""
    counted = select(Decision.case_id, func.count().label("n")).group_by(Decision.case_id).subquery()
    query = select(func.count()).select_from(counted).join(Case, Case.id == counted.c.case_id)
    with read_transaction(database.sessions) as session:
        return session.scalar(query.where(counted.c.n != Case.version)) or 0

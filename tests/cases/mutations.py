"""Random one-byte changes to everything evidence rests on, each of which `verify` must find and name.

`python -m tests.cases.mutations 10000` (`make mutations`) runs many and prints what was missed; the suite runs a few
hundred. A change hits, by equal chance, a sealed bundle or paper, an anchor, an exported zip or a database row. Rows
are changed below SQLAlchemy with the guards taken away and put back, as somebody with the file in hand would.
"""

import math
import random
import sqlite3
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from cases.accounts import UserChange, add_user, change_user
from cases.actor import Actor
from cases.anchors import write_anchor
from cases.citizen.lookup import answer
from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.export import export_case
from cases.exported import verify_export
from cases.inspection import inspect_all
from cases.law import seed_table
from cases.law.changes import decide_change, propose_change
from cases.notice.form import DocumentForm, Owner
from cases.notice.issue import issue
from cases.records import AnswerKind, DocumentKind
from cases.roles import Role
from cases.scenes import activate, save_version
from cases.settings import Settings
from tests.cases.builders import ADMIN, CHIEF, NOON, scene_text
from tests.cases.installation import Installation, install, street_jpeg

TABLES = (
    "cases", "decisions", "accesses", "ledger", "chain_heads", "notices", "citizen_reports", "citizen_answers",
    "answer_tasks", "users", "law_changes", "scene_versions",
)  # fmt: skip
EPHEMERAL = {"cases": {"assignee", "claimed_until"}}
"""What no decision made and no chain covers: who holds a case at the moment."""


class Target:
    """An installation with an export, and the places a change can hit."""

    def __init__(self, made: Installation, export: Path) -> None:
        self.made, self.export = made, export
        root = made.root / "evidence"
        files = [path for path in sorted(root.rglob("*")) if path.is_file()]
        self.anchors = [path for path in files if path.parent.name == "anchors"]
        self.bundles = [path for path in files if path not in self.anchors]
        self.database = sqlite3.connect(made.root / "phatnguoi.db", isolation_level=None)
        self.guards = self.database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        self.trusted = made.keys.public_keys()

    def mutate(self, draw: random.Random) -> tuple[str, list[str]]:
        """One change, what `verify` says to it, and everything as it was; returns (place, faults that name it)."""
        kind = draw.choice(("bundle", "anchor", "export", "row"))
        if kind == "row":
            return self._row(draw)
        path = {"bundle": draw.choice(self.bundles), "anchor": draw.choice(self.anchors), "export": self.export}[kind]
        with changed_file(path, draw) as at:
            faults = self._export_faults() if kind == "export" else self._faults()
        place = path.name if kind != "export" else path.stem
        return f"{path} byte {at}", [fault for fault in faults if place in fault or kind == "export"]

    def _faults(self) -> list[str]:
        made = self.made
        report = inspect_all(made.database.sessions, made.store, trusted=self.trusted, name="data")
        return [str(fault) for fault in report.faults]

    def _export_faults(self) -> list[str]:
        return [str(fault) for fault in verify_export(self.export).faults]

    def _row(self, draw: random.Random) -> tuple[str, list[str]]:
        while True:
            table = draw.choice(TABLES)
            rows = [row[0] for row in self.database.execute(f"SELECT rowid FROM {table}")]
            if not rows:
                continue
            rowid = draw.choice(rows)
            columns = [row[1] for row in self.database.execute(f"PRAGMA table_info({table})")]
            column = draw.choice([name for name in columns if name not in EPHEMERAL.get(table, ())])
            query = f"SELECT typeof({column}), CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) "
            query += f"ELSE {column} END, {columns[0]} FROM {table} WHERE rowid = ?"
            form, value, key = self.database.execute(query, (rowid,)).fetchone()
            new = other_value(form, value, draw)
            if new is None:
                continue
            with self._unguarded(table):
                try:
                    self._write(table, column, rowid, form, new)
                except sqlite3.IntegrityError:
                    continue
            faults = self._faults()
            at = new if column in ("seq", "id") and column == columns[0] and isinstance(new, int) else rowid
            with self._unguarded(table):
                self._write(table, column, at, form, value)
            keys = {str(key), str(new) if column == columns[0] and form == "integer" else str(key)}
            word = "case" if table == "cases" else f"{table} row"
            named = [fault for fault in faults if any(f"{word} {name}" in fault for name in keys)]
            if table == "cases" and column == "id":  # the altered id may be no text any more
                named = [fault for fault in faults if "case " in fault]
            return f"{table} {key} {column}: {value!r} -> {new!r}", named

    def _write(self, table: str, column: str, rowid: int, form: str, value: object) -> None:
        place = "CAST(? AS TEXT)" if form == "text" else "?"
        self.database.execute(f"UPDATE {table} SET {column} = {place} WHERE rowid = ?", (value, rowid))

    @contextmanager
    def _unguarded(self, table: str) -> Iterator[None]:
        mine = [(name, sql) for name, sql in self.guards if name.startswith(f"{table}_")]
        for name, _ in mine:
            self.database.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _, sql in mine:
                self.database.execute(sql)


def other_value(form: str, value: object, draw: random.Random) -> object:
    """The stored value with one byte changed; None where it has no bytes."""
    if form == "text" and isinstance(value, bytes) and value:
        data = bytearray(value)
        data[draw.randrange(len(data))] ^= draw.randrange(1, 256)
        return bytes(data) if 0 not in data else None
    if form == "blob" and isinstance(value, bytes) and value:
        data = bytearray(value)
        data[draw.randrange(len(data))] ^= draw.randrange(1, 256)
        return bytes(data)
    if form == "integer" and isinstance(value, int):
        return value ^ (draw.randrange(1, 256) << (8 * draw.randrange(3)))
    if form == "real":
        data = bytearray(struct.pack("<d", value))
        data[draw.randrange(8)] ^= draw.randrange(1, 256)
        changed = struct.unpack("<d", data)[0]
        return None if math.isnan(changed) else changed
    return None


@contextmanager
def changed_file(path: Path, draw: random.Random) -> Iterator[int]:
    """One byte of a file changed for the length of the block."""
    whole = path.read_bytes()
    at = draw.randrange(len(whole))
    data = bytearray(whole)
    data[at] ^= draw.randrange(1, 256)
    path.chmod(0o644)
    path.write_bytes(bytes(data))
    try:
        yield at
    finally:
        path.write_bytes(whole)


def build(root: Path) -> Target:
    """An installation with an export in it."""
    made = install(root)
    papers(made)
    done = export_case(
        made.database.sessions,
        made.store,
        made.keys,
        case_id=made.case_ids[1],
        actor=CHIEF,
        purpose="court",
        reason="Công văn 12/TA",
        target=root / "export.zip",
        now=NOON,
    )
    return Target(made, done.path)


def papers(made: Installation) -> None:
    """A notice, its owner's answer, a citizen's report, and an anchor over them."""
    sessions = made.database.sessions
    form = DocumentForm(plate="29A-123.45", owner=Owner(name="Nguyễn Thị Ưởng"))
    handler = Actor(name="hung", role=Role.HANDLER)
    settings = Settings(data_dir=made.root)
    how = {"case_id": made.case_ids[1], "kind": DocumentKind.NOTICE, "form": form, "actor": handler, "now": NOON}
    notice = issue(sessions, made.store, settings, **how).document  # type: ignore[arg-type]
    answer(sessions, notice_id=notice.id, kind=AnswerKind.EXPLAIN, text="Xe đã bán", contact="0912", now=NOON)
    report = report_form(occurred_at=NOON, place="12 Hàng Bài", ward="Hoàn Kiếm", what="other", contact="0912")
    photo = [Upload("x.jpg", [street_jpeg()])]
    receive(sessions, settings.citizen_files, form=report, uploads=photo, largest_bytes=1 << 20, now=NOON)
    offices(made)
    write_anchor(sessions, made.store, made.keys, now=NOON)


def offices(made: Installation) -> None:
    """An account that was changed, an approved change of the law, a scene in force."""
    sessions = made.database.sessions
    add_user(sessions, name="lan", password="xích lô 1986!", role="officer", wards=("Hoàn Kiếm",), temporary=True)
    change_user(sessions, actor=ADMIN, name="lan", change=UserChange(display_name="Nguyễn Thị Lan"))
    row = seed_table().offence[0].model_copy(update={"note": "đã sửa"}).model_dump(mode="json", by_alias=True)
    change = propose_change(sessions, actor=ADMIN, content=row, source="NĐ 999/2027", now=NOON)
    other = Actor(name="root2", role=Role.ADMINISTRATOR)
    decide_change(sessions, actor=other, change_id=change.id, approve=True, note="", now=NOON)
    raw = yaml.safe_load(scene_text())
    picture = b"\xff\xd8\xff" + bytes(range(256))
    drawer = Actor(name="hoa", role=Role.OPERATOR)
    how = {"camera_id": raw["camera"]["id"], "raw": raw, "note": "", "based_on": None, "reference_jpeg": picture}
    save_version(sessions, actor=drawer, now=NOON, **how)
    activate(sessions, actor=CHIEF, camera_id=raw["camera"]["id"], number=1, now=NOON)


def missed(target: Target, *, count: int, seed: int) -> list[str]:
    """Places of changes that were not found, or whose place no fault named."""
    draw = random.Random(seed)
    lost = []
    for number in range(count):
        place, named = target.mutate(draw)
        if not named:
            lost.append(place)
        if number % 500 == 499:
            print(f"{number + 1} changes, {len(lost)} missed", file=sys.stderr)
    return lost


def main() -> int:
    """Run as many changes as the command line asks for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    begun = time.perf_counter()
    with TemporaryDirectory(prefix="phatnguoi-mutations-") as folder:
        target = build(Path(folder))
        if faults := target._faults():
            print("untouched, and yet:", *faults, sep="\n")
            return 1
        lost = missed(target, count=count, seed=2026)
        lost += [f"left behind by a change: {fault}" for fault in target._faults()]
        target.made.database.close()
        target.database.close()
    print(f"{count} one-byte changes, {count - len(lost)} found and named, {time.perf_counter() - begun:.0f} s")
    print(*lost, sep="\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())

"""A worker whose cameras reconnect all the time holds no more of anything as time goes on, and nothing at its end.

Objects are counted, not memory: one connection or look too many for each reconnect shows within seconds.
"""

import gc
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from cases.settings import Settings
from pipelines.live.connection import Connection
from pipelines.live.docket import Act
from pipelines.live.engine import IN_FLIGHT, Engine, _Looked
from pipelines.live.footage import RingFootage
from pipelines.live.reader import LiveFrame
from pipelines.live.ring import Kept, PacketRing, Take
from pipelines.live.run import LiveRequest, run_live
from pipelines.live.status import CameraStatus
from pipelines.live.watch import Watch
from pipelines.live.writer import MOST_IN_MEMORY, Writer
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras

CAMERAS, FILM_S, RECONNECTS = 3, 1.0, 3
EVERY_S, GIVE_UP_S = 0.5, 120.0
"""Counting all objects takes some tenths of a second."""
HELD = (Connection, Watch, PacketRing, Take, Kept, LiveFrame, _Looked, Act, RingFootage, Engine, Writer)


def held() -> Counter[str]:
    """How many there are of each kind; `isinstance` would ask objects for their class, and torch has one that warns."""
    return Counter(type(one).__name__ for one in gc.get_objects() if issubclass(type(one), HELD))


def files_open() -> int:
    """Of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_nothing_grows_with_reconnects_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    # One films long enough for an act, the others begin anew all the time.
    films = [make_parked(tmp_path / "long", length_s=8), *[make_parked(tmp_path, length_s=FILM_S)] * (CAMERAS - 1)]
    entries = []
    for number, film in enumerate(films):
        write_kerb(tmp_path, f"KERB-{number}", limit_s=2)
        entries.append(f"scene: KERB-{number}.yaml, stream: {film}, repeat: true, fps: 5")
    cameras = write_cameras(tmp_path, *entries)
    request = LiveRequest(cameras=cameras, network=None, registry=tmp_path / "registry.toml", patience_s=5)
    settings = Settings(data_dir=tmp_path / "data")
    gc.collect()
    before, threads, files = held(), threading.active_count(), files_open()
    stop, most, cuts = Event(), Counter[str](), 0
    due_s, give_up_s = 0.0, time.monotonic() + GIVE_UP_S

    def look(statuses: Sequence[CameraStatus], _waiting: int) -> None:
        nonlocal cuts, due_s
        cuts = sum(status.reconnects for status in statuses)
        filed = any(status.cases for status in statuses)
        if (cuts >= RECONNECTS and filed) or time.monotonic() > give_up_s:
            stop.set()
        elif time.monotonic() < due_s:
            return
        due_s = time.monotonic() + EVERY_S
        counted = held() - before
        counted["threads"] = threading.active_count() - threads
        counted["packets"] = sum(status.streams[0].packets for status in statuses)
        for name, number in counted.items():
            most[name] = max(most[name], number)

    statuses = run_live(request, settings, stop=stop, reload=Event(), on_status=look, open_network=open_parked)
    filed = sum(status.cases for status in statuses)
    if cuts < RECONNECTS or not filed:
        pytest.fail(f"too slow a machine: {cuts} of {RECONNECTS} reconnects and {filed} cases in {GIVE_UP_S:.0f} s")
    assert most["Connection"] <= CAMERAS and most["Watch"] <= CAMERAS
    assert most["Take"] <= CAMERAS + cuts, "one for each connection that packets are kept of"
    assert most["Kept"] <= most["packets"], "each packet once"
    assert most["LiveFrame"] <= 2 * CAMERAS + 1, "in the mailbox, on its way there, before the look"
    assert most["_Looked"] <= IN_FLIGHT + 3
    assert most["RingFootage"] <= MOST_IN_MEMORY + 4
    assert most["threads"] <= CAMERAS + 12
    gc.collect()
    assert held() - before == Counter()
    assert threading.active_count() <= threads
    assert files_open() <= files + 2

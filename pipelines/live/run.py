"""`phatnguoi run`: all cameras of a file from start to drain.

Started: engine, writer, keeper, the cameras. A changed camera file exchanges cameras one by one. Stopped, or when all
cameras are files that have ended: readers end, standpoints are laid aside, the writer files what waits, and only then
the network and the database are closed.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cases.database import open_database
from cases.evidence import NetworkRef
from cases.settings import Settings
from cases.stores import open_store
from cases.tracks import tracks_folder
from detector.inference import Backend, Network, Registry, load_registry_in_use, open_backend
from detector.inference.load import LoadClassifier, open_load_classifier
from detector.scene import ZoneKind
from detector.types import ConfigError, EvidenceError, InferenceError
from pipelines.batch import SCORE_FLOOR, OpenNetwork
from pipelines.live.acts import ActBox
from pipelines.live.camera_file import LiveCamera, Roster, load_roster, ntp_server_of
from pipelines.live.connection import SILENCE_S
from pipelines.live.drawn import DrawnScenes
from pipelines.live.engine import Engine
from pipelines.live.engines import Engines
from pipelines.live.fleet import Build, Fleet, folder_of
from pipelines.live.heap import SpareHeap, share_arenas
from pipelines.live.journal import ERROR, INFO, note
from pipelines.live.keeper import Keeper
from pipelines.live.reload import Reload
from pipelines.live.server_clock import ServerClock
from pipelines.live.status import CameraStatus
from pipelines.live.tempo import Tempo
from pipelines.live.tracks import TrackClerk
from pipelines.live.watch import OnFrame, Watch, build_watch
from pipelines.live.writer import Writer, desk_opener
from pipelines.near_witness import open_near_witness
from pipelines.plate_evidence import open_witness
from pipelines.priority import taking_turns

LOOK_S = 0.5
"""How often the state of things is shown."""
_DRAIN_LOOK_S = 0.05
PATIENCE_S = 30.0
"""How long the drain tries to store what could not be stored yet."""

OnStatus = Callable[[Sequence[CameraStatus], int], None]
"""Called about twice a second with all cameras and how many acts wait to be filed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """What the command line asked for.

    Attributes:
        cameras: the camera file.
        network: registry name, the registry's default when None.
        registry: the registry file.
        patience_s: how long the drain tries to store acts.
    """

    cameras: Path
    network: str | None
    registry: Path
    patience_s: float = PATIENCE_S


def open_live_network(network: Network) -> Backend:
    """The network with its unsure boxes, which the tracker can use; a look goes on as soon as its picture is there."""
    return open_backend(network, score_min=SCORE_FLOOR)


def run_live(
    request: LiveRequest,
    settings: Settings,
    *,
    stop: Event,
    reload: Event,
    on_status: OnStatus,
    open_network: OpenNetwork = open_live_network,
) -> tuple[CameraStatus, ...]:
    """Watches all cameras until `stop` is set or all of them were files and have ended; returns how each did.

    A set `reload` has the camera file read anew at once; its changes are noticed within seconds without that.

    Raises:
        ConfigError, InferenceError, CaseError: nothing can be done at all.
        EvidenceError: acts could not be stored before the end; they are named.
    """
    share_arenas()
    load_roster(request.cameras)
    registry = load_registry_in_use(request.registry)
    network = registry.network(request.network or registry.defaults.get("detect", ""))
    note(INFO, "networks", **registry.serving(network))
    with ExitStack() as open_things:
        open_things.enter_context(taking_turns())
        database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
        open_things.callback(database.close)
        drawn = DrawnScenes(database.sessions)
        open_things.callback(drawn.close)
        roster = load_roster(request.cameras, drawn.want)
        reload_look = Reload(request.cameras, reload, drawn)
        drawn.start()
        store = open_store(settings)
        store.clear_unfinished()
        backend = open_network(network)
        open_things.callback(backend.close)
        root = settings.data_dir / "live"
        ref = NetworkRef(name=network.name, sha256=backend.network_hash)
        box = ActBox(root / "acts")
        plates, near = open_witness(registry), open_near_witness(registry)
        load = near.load if near is not None else lambda: None
        writer = Writer(desk_opener(database.sessions, store, ref, plates, near), box, load=load)
        keeper = Keeper()
        server_clock = ServerClock(ntp_server_of(request.cameras))
        open_things.callback(server_clock.close)
        server_clock.start()
        engines = Engines(lambda mail: Engine(mail, backend, writer.put, keeper))
        clerk = TrackClerk(tracks_folder(settings.data_dir))
        clerk.start()
        open_things.callback(clerk.close)
        tempo = Tempo()
        fleet = Fleet(_builder(root, backend, registry, server_clock, clerk, tempo), engines, tempo)
        work = _Work(fleet, engines, writer, keeper, reload_look, stop, on_status, SpareHeap())
        work.begin(roster, box)
        return work.run(request.patience_s)


def _builder(
    root: Path, backend: Backend, registry: Registry, server_clock: ServerClock, clerk: TrackClerk, tempo: Tempo
) -> Build:
    """Watches that share networks; the load classifier is opened for the first scene that asks for it."""
    opened: list[LoadClassifier | None] = []

    def build(camera: LiveCamera, on_frame: OnFrame) -> Watch:
        loads = None
        if camera.scene_file.scene.zones_of(ZoneKind.LOAD_CHECK):
            if not opened:
                opened.append(open_load_classifier(registry))
            loads = opened[0]
        folder = folder_of(root, camera.id)
        return build_watch(
            camera,
            folder=folder,
            backend=backend,
            loads=loads,
            server_clock=server_clock,
            on_frame=on_frame,
            save_tracks=clerk.take,
            tempo=tempo,
        )

    return build


@dataclass(frozen=True, slots=True)
class _Work:
    """Everything that runs, from the first camera to the end of the drain."""

    fleet: Fleet
    engines: Engines
    writer: Writer
    keeper: Keeper
    reload: Reload
    stop: Event
    on_status: OnStatus
    heap: SpareHeap

    def begin(self, roster: Roster, box: ActBox) -> None:
        try:
            self.fleet.muster(roster)
        except ConfigError:
            self.fleet.stop()
            self.fleet.join(SILENCE_S)
            raise
        statuses = {status.id: status for status in self.fleet.statuses}
        self.fleet.know(self.writer.take_up(box.unfiled(), statuses))
        self.writer.start()
        self.keeper.start()
        self.engines.start()
        note(INFO, "started", cameras=len(roster.cameras))

    def run(self, patience_s: float) -> tuple[CameraStatus, ...]:
        give_up_s = float("inf")
        while not self.engines.over and time.monotonic() < give_up_s:
            self._tend()
            if self.stop.is_set() and give_up_s == float("inf"):
                note(INFO, "draining", waiting=self.writer.waiting())
                # Lanes that wait for a writer who cannot store must not keep the process alive.
                give_up_s = time.monotonic() + patience_s
            self.on_status(self.fleet.statuses, self.writer.waiting())
            self.engines.finish(_DRAIN_LOOK_S if self.stop.is_set() else LOOK_S)
        return self._drain(patience_s)

    def _tend(self) -> None:
        self.fleet.look()
        self.heap.look()
        if self.stop.is_set() or self.fleet.ended:
            self.fleet.stop()
            self.engines.end()
            return
        changed = self.reload.look()
        if changed is None:
            return
        try:
            self.fleet.muster(changed)
        except (ConfigError, InferenceError) as error:
            note(ERROR, "reload-refused", problem=error)

    def _drain(self, patience_s: float) -> tuple[CameraStatus, ...]:
        self.fleet.stop()
        lost = self.writer.drain(patience_s)
        self.keeper.close()
        self.fleet.join(SILENCE_S)
        statuses = self.fleet.statuses
        self.on_status(statuses, 0)
        cases, set_aside = sum(one.cases for one in statuses), sum(one.set_aside for one in statuses)
        note(INFO, "stopped", cases=cases, set_aside=set_aside, lost=len(lost))
        if self.engines.defect is not None:
            raise self.engines.defect
        if lost:
            raise EvidenceError(
                f"{len(lost)} violations could not be stored before the end: {', '.join(lost)}; they are kept and filed"
                " at the next start; see the log for the reason"
            )
        return statuses

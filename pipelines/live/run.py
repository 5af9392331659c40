"""`phatnguoi run`: all cameras of a file from start to drain.

Started: readers, engine, writer. Stopped, or when all cameras are files that have ended: readers end, lanes close
their open acts, the writer files what waits, and only then the network and the database are closed.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cases.database import Database, open_database
from cases.evidence import EvidenceStore, FolderStore, NetworkRef
from cases.settings import Settings
from detector.inference import Backend, load_registry
from detector.inference.load import open_load_classifier
from detector.scene import ZoneKind
from detector.types import EvidenceError
from pipelines.batch import OpenNetwork, open_street_network
from pipelines.desk import CaseDesk
from pipelines.live.camera_file import LiveCamera, load_cameras
from pipelines.live.connection import SILENCE_S
from pipelines.live.engine import Engine
from pipelines.live.footage import RingFootage
from pipelines.live.journal import INFO, note
from pipelines.live.mailroom import MailRoom
from pipelines.live.reader import LiveFrame
from pipelines.live.status import CameraStatus
from pipelines.live.watch import Watch, build_watch
from pipelines.live.writer import Writer, desk_opener

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


def run_live(
    request: LiveRequest,
    settings: Settings,
    *,
    stop: Event,
    on_status: OnStatus,
    open_network: OpenNetwork = open_street_network,
) -> tuple[CameraStatus, ...]:
    """Watches all cameras until `stop` is set or all of them were files and have ended; returns how each did.

    Raises:
        ConfigError, InferenceError, CaseError: nothing can be done at all.
        EvidenceError: acts could not be stored before the end; they are named.
    """
    cameras = load_cameras(request.cameras)
    registry = load_registry(request.registry)
    network = registry.network(request.network or registry.defaults.get("detect", ""))
    with ExitStack() as open_things:
        database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
        open_things.callback(database.close)
        store = FolderStore(settings.evidence)
        store.clear_unfinished()
        backend = open_network(network)
        open_things.callback(backend.close)
        wants_loads = any(camera.scene_file.scene.zones_of(ZoneKind.LOAD_CHECK) for camera in cameras)
        loads = open_load_classifier(registry) if wants_loads else None
        mail: MailRoom[LiveFrame] = MailRoom(len(cameras))
        watches = [
            build_watch(camera, backend=backend, loads=loads, on_frame=_posting(mail, number), stop=stop)
            for number, camera in enumerate(cameras)
        ]
        ref = NetworkRef(name=network.name, sha256=backend.network_hash)
        writer = Writer(desk_opener(_pattern(cameras[0], database, store, ref)))
        _work(watches, mail, backend, writer, stop, on_status, request.patience_s)
    return tuple(watch.status for watch in watches)


def _posting(mail: MailRoom[LiveFrame], number: int) -> Callable[[LiveFrame], bool]:
    return lambda frame: mail.put(number, frame)


def _pattern(camera: LiveCamera, database: Database, store: EvidenceStore, network: NetworkRef) -> CaseDesk:
    return CaseDesk(
        sessions=database.sessions,
        store=store,
        footage=RingFootage(name=camera.main.shown, kept=()),
        scene_file=camera.scene_file,
        network=network,
    )


def _work(
    watches: Sequence[Watch],
    mail: MailRoom[LiveFrame],
    backend: Backend,
    writer: Writer,
    stop: Event,
    on_status: OnStatus,
    patience_s: float,
) -> None:
    engine = Engine(watches, mail, backend, writer.put)
    writer.start()
    engine.start()
    readers = [reader for watch in watches for reader in watch.readers]
    for reader in readers:
        reader.start()
    note(INFO, "started", cameras=len(watches))
    statuses = [watch.status for watch in watches]
    give_up_s = float("inf")
    while not engine.over and time.monotonic() < give_up_s:
        for number, watch in enumerate(watches):
            if stop.is_set() or watch.readers[-1].ended:
                mail.close(number)
        if stop.is_set() and give_up_s == float("inf"):
            note(INFO, "draining", waiting=writer.waiting())
            # Lanes that wait for a writer who cannot store must not keep the process alive.
            give_up_s = time.monotonic() + patience_s
        on_status(statuses, writer.waiting())
        engine.finish(_DRAIN_LOOK_S if stop.is_set() else LOOK_S)
    stop.set()
    lost = writer.drain(patience_s)
    for reader in readers:
        reader.join(SILENCE_S)
    on_status(statuses, 0)
    note(INFO, "stopped", cases=sum(status.cases for status in statuses), lost=len(lost))
    if engine.defect is not None:
        raise engine.defect
    if lost:
        raise EvidenceError(
            f"{len(lost)} violations could not be stored before the end: {', '.join(lost)}; see the log for the reason"
        )

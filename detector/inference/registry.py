"""The list of networks: which files, what input, which of their classes mean what.

In: `models/registry.toml` (paths in it are relative to it). Out: frozen `Network` entries whose files are checked
against their SHA-256 once, when a backend loads them. A network's own class numbers end here.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detector.scene.fault import faults
from detector.types.calibration import Calibration
from detector.types.classes import LoadState, ObjectClass
from detector.types.errors import ConfigError, InferenceError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Pixels = Annotated[int, Field(gt=0, le=8192)]
BackendName = Literal["openvino", "ultralytics"]
Slope = Annotated[float, Field(gt=0, le=100)]
Shift = Annotated[float, Field(ge=-100, le=100)]
Precision = Literal["int8", "fp16", "bf16", "fp32"]
Task = Literal["detect", "load", "plate", "character", "near", "line"]

LABELS_OF_TASK: dict[Task, list[str]] = {
    "detect": [kind.label for kind in ObjectClass],
    "load": [state.value for state in LoadState],
    "near": [kind.label for kind in ObjectClass],
}
"""The names a network's classes may have, for tasks whose vocabulary is closed."""


class Entry(BaseModel):
    """Frozen pydantic model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NetworkFile(Entry):
    """One export of a network: what runs it, in which precision, from which file, all its parts hashed."""

    backend: BackendName
    precision: Precision
    path: str = Field(min_length=1, description="relative to the registry")
    sha256: dict[str, Sha256] = Field(min_length=1, description="file name beside `path` -> SHA-256 in hex")

    @model_validator(mode="after")
    def _names_its_own_hash(self) -> "NetworkFile":
        if Path(self.path).name not in self.sha256:
            raise ValueError(f"sha256 lacks {Path(self.path).name!r}; give the hash of `path` itself too")
        return self

    @property
    def hash(self) -> str:
        """SHA-256 hex over all parts (the lines that `sha256sum` prints, by file name): identity in evidence."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.sha256.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


class Second(Entry):
    """Another detector that looks at the same single pictures: it errs elsewhere.

    Attributes:
        network: its name in the same registry; it takes pictures of any size.
        long_sides_px: of the picture, once for each look and its mirrored twin.
        silent_on: labels it is not asked about.
    """

    network: str
    long_sides_px: tuple[Pixels, ...] = Field(min_length=1)
    silent_on: tuple[str, ...] = ()


class Stills(Entry):
    """How a detector looks at a single picture, which has time: at several sizes, each also mirrored.

    Attributes:
        long_sides_px: of the picture, once for each look and its mirrored twin.
        second: who looks besides; None: nobody.
        look_score_min: boxes of one look with a raw score below do not count.
        score_min: what is less probable by all looks together is not told.
        calibration: label -> slope and shift of the log-odds of the looks' mean probability (see `Calibration`).
    """

    long_sides_px: tuple[Pixels, ...] = Field(min_length=1)
    second: Second | None = None
    look_score_min: float = Field(ge=0, lt=1)
    score_min: float = Field(ge=0, lt=1)
    calibration: dict[str, tuple[Slope, Shift]] = {}

    @cached_property
    def calibrated(self) -> Calibration:
        """What the looks' mean means."""
        return _calibration(self.calibration)


class Network(Entry):
    """One network with everything needed to run it.

    Attributes:
        name: its key in the registry.
        folder: folder of the registry, from which file paths count.
        long_side_px, stride_px: the input follows the picture's shape: longer side, and multiple of both sides.
        input_wh: the only input size the network takes, where it cannot follow the picture.
        score_min: detections below this are not reported (a tracker may ask for lower ones); looks from near that
            score less show nothing.
        classes: the network's class number -> our name; numbers not listed are never reported.
        riders_apart: a rider has a box of their own beside the two-wheeler's (as in COCO).
        calibration: label -> slope and shift of its scores' log-odds (see `Calibration`), for task "detect".
        stills: how it looks at single pictures, for task "detect"; None: once, as at a camera's.
        files: exports; each backend takes the one that suits the machine, the first listed if that makes no difference.
        preferred: the export that answers best, taken on every machine; None where they answer alike.
    """

    name: str = Field(min_length=1)
    folder: Path
    task: Task
    licence: str
    origin: str
    card: str | None = None
    long_side_px: Pixels
    stride_px: Pixels
    input_wh: tuple[Pixels, Pixels] | None = None
    score_min: float = Field(ge=0, lt=1)
    classes: dict[Annotated[int, Field(ge=0, le=1000)], str] = Field(min_length=1)
    riders_apart: bool = False
    calibration: dict[str, tuple[Slope, Shift]] = {}
    stills: Stills | None = None
    files: tuple[NetworkFile, ...] = Field(min_length=1)
    preferred: Precision | None = None

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> "Network":
        known = LABELS_OF_TASK.get(self.task)
        wrong = [label for label in self.classes.values() if known is not None and label not in known]
        if wrong:
            raise ValueError(f"classes: {wrong} are unknown to task {self.task!r}; expected among {known}")
        return self

    @model_validator(mode="after")
    def _calibration_fits_the_classes(self) -> "Network":
        fits = self.calibration if self.stills is None else self.calibration | self.stills.calibration
        unknown = sorted(set(fits) - set(self.classes.values()))
        if unknown or (fits and self.task != "detect"):
            raise ValueError(f"calibration: {unknown or self.task!r} has no place; expected classes of a detector")
        return self

    @model_validator(mode="after")
    def _stills_fit_the_input(self) -> "Network":
        if self.stills is not None and (self.task != "detect" or self.input_wh is not None):
            raise ValueError("stills: only a detector that takes pictures of any size looks at several; leave it out")
        return self

    @cached_property
    def calibrated(self) -> Calibration:
        """What the network's scores mean, for task "detect"."""
        return _calibration(self.calibration)

    @cached_property
    def kinds(self) -> dict[int, ObjectClass]:
        """The network's class number -> `ObjectClass`, for tasks "detect" and "near"."""
        return {number: ObjectClass.from_label(label) for number, label in self.classes.items()}

    def file_for(self, backend: BackendName, *, prefer: Sequence[Precision] = ()) -> NetworkFile:
        """The export for a backend that answers best, else whose precision stands first in `prefer`, else the first.

        Raises:
            InferenceError: the network has none.
        """
        fitting = [file for file in self.files if file.backend == backend]
        for precision in (self.preferred, *prefer):
            for file in fitting:
                if file.precision == precision:
                    return file
        if fitting:
            return fitting[0]
        have = sorted({file.backend for file in self.files})
        raise InferenceError(
            f"network {self.name}: no file for backend {backend!r}, only for {have}; choose one of those, "
            f"or export the network and list it in {self.folder / 'registry.toml'}"
        )

    def verified_path(self, file: NetworkFile) -> Path:
        """Where `file` lies, after every part of it was found and hashed.

        Raises:
            InferenceError: a part is missing, or is not the one the registry names.
        """
        path = self.folder / file.path
        for name, expected in file.sha256.items():
            _check_part(self.name, path.with_name(name), expected)
        return path


class Registry(Entry):
    """All networks by name, and which of them a command uses when none is named."""

    version: Literal[1]
    defaults: dict[Task, str] = {}
    networks: dict[str, Network]

    @model_validator(mode="after")
    def _defaults_exist(self) -> "Registry":
        for task, name in self.defaults.items():
            if name not in self.networks or self.networks[name].task != task:
                raise ValueError(f"defaults.{task}: no network {name!r} of task {task!r} under [networks]")
        return self

    @model_validator(mode="after")
    def _seconds_exist(self) -> "Registry":
        for name, network in self.networks.items():
            second = None if network.stills is None else network.stills.second
            if second is None:
                continue
            other = self.networks.get(second.network)
            if other is None or other.task != "detect" or other.input_wh is not None:
                raise ValueError(
                    f"networks.{name}.stills.second: no detector {second.network!r} that takes pictures of any size"
                )
            unknown = sorted(set(second.silent_on) - set(other.classes.values()))
            if unknown:
                raise ValueError(f"networks.{name}.stills.second.silent_on: {unknown}; expected classes of it")
        return self

    def second(self, network: Network) -> Network | None:
        """Who looks at single pictures besides one of its networks; None where nobody does."""
        second = None if network.stills is None else network.stills.second
        return None if second is None else self.networks[second.network]

    def default(self, task: Task) -> Network | None:
        """The network a command uses for `task`, None where the product has none yet."""
        name = self.defaults.get(task)
        return self.networks[name] if name is not None else None

    def network(self, name: str, *, task: Task = "detect") -> Network:
        """The network of that name.

        Raises:
            InferenceError: there is none of that name and task.
        """
        found = self.networks.get(name)
        if found is None or found.task != task:
            names = sorted(key for key, network in self.networks.items() if network.task == task)
            raise InferenceError(f"no network {name!r} of task {task!r} in the registry; expected one of {names}")
        return found

    def with_defaults_of(self, shipped: "Registry") -> "Registry":
        """This registry, with the other's defaults for tasks it lists no network for; files stay where they lie."""
        listed = {network.task for network in self.networks.values()}
        defaults, networks = dict(self.defaults), dict(self.networks)
        for task, name in shipped.defaults.items():
            if task not in listed:
                # A name that stands for something else here must not hide the other's.
                key = f"{name} of {task}" if name in networks else name
                defaults[task], networks[key] = key, shipped.networks[name]
                second = shipped.second(shipped.networks[name])
                if second is not None:
                    networks.setdefault(second.name, second)
        return self.model_copy(update={"defaults": defaults, "networks": networks})

    def serving(self, network: Network) -> dict[str, str]:
        """Task -> name and folder of the network that serves it, "-" where none does; `network` serves its own task."""
        used = {task: self.default(task) for task in get_args(Task)} | {network.task: network}
        return {task: f"{one.name} ({one.folder})" if one else "-" for task, one in used.items()}


def _calibration(fits: dict[str, tuple[float, float]]) -> Calibration:
    return Calibration.of({ObjectClass.from_label(label): fit for label, fit in fits.items()})


def default_registry_path() -> Path:
    """`models/registry.toml` beside the source tree."""
    return Path(__file__).resolve().parents[2] / "models" / "registry.toml"


def load_registry(path: Path) -> Registry:
    """The registry written in the TOML file `path`.

    Raises:
        InferenceError: there is no such file.
        ConfigError: it is not TOML, or a key is unknown, missing or of the wrong kind; one line per fault.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InferenceError(
            f"{path}: cannot read the network registry ({error.strerror}); "
            "run from the source tree, or let PHATNGUOI_MODELS name the folder with registry.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error
    try:
        return Registry.model_validate(_with_names(raw, path.parent))
    except ValidationError as error:
        raise ConfigError("\n".join(map(str, faults(error.errors(include_url=False), file=str(path))))) from error


def load_registry_in_use(path: Path) -> Registry:
    """The registry in the file `path`; the product's own serves tasks for which that lists no network.

    So a city that trains its own street network keeps the others.

    Raises:
        InferenceError, ConfigError: see `load_registry`.
    """
    registry, shipped = load_registry(path), default_registry_path()
    return registry.with_defaults_of(load_registry(shipped)) if shipped.is_file() else registry


def _with_names(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    networks = raw.get("networks")
    if not isinstance(networks, dict):
        return raw
    named = {
        name: {**network, "name": name, "folder": folder} if isinstance(network, dict) else network
        for name, network in networks.items()
    }
    return {**raw, "networks": named}


def _check_part(network: str, path: Path, expected: str) -> None:
    try:
        with path.open("rb") as part:
            got = hashlib.file_digest(part, "sha256").hexdigest()
    except OSError as error:
        raise InferenceError(
            f"network {network}: {path}: cannot read the file ({error.strerror}); "
            "restore it from the repository, or name another network"
        ) from error
    if got != expected:
        raise InferenceError(
            f"network {network}: {path}: expected SHA-256 {expected}, got {got}; the file is altered or not fully "
            "fetched: restore it, or, if it was replaced on purpose, correct the hash in registry.toml"
        )

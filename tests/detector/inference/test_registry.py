"""The registry file: what it gives, and how each fault is named."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from detector.inference import default_registry_path, load_registry, load_registry_in_use, open_backend
from detector.types import Calibration, ConfigError, InferenceError, ObjectClass
from tests.detector.inference.networks import colour_finder, entry, registry_toml

GOOD = f"""
version = 1
[defaults]
detect = "small"
[networks.small]
task = "detect"
licence = "AGPL-3.0-or-later"
origin = "here"
long_side_px = 640
stride_px = 32
score_min = 0.25
riders_apart = true
[networks.small.calibration]
car = [2.5, -0.5]
[networks.small.classes]
2 = "car"
3 = "motorcycle"
[[networks.small.files]]
backend = "openvino"
precision = "int8"
path = "weights/small.xml"
sha256 = {{"small.xml" = "{"a" * 64}", "small.bin" = "{"b" * 64}"}}
"""
NEAR = f"""
[networks.eyes]
task = "near"
licence = "AGPL-3.0-or-later"
origin = "here"
long_side_px = 320
stride_px = 32
score_min = 0.1
classes = {{1 = "bicycle", 2 = "motorcycle"}}
[[networks.eyes.files]]
backend = "openvino"
precision = "int8"
path = "weights/eyes.xml"
sha256 = {{"eyes.xml" = "{"a" * 64}"}}
"""


def registry_at(folder: Path, text: str) -> Path:
    path = folder / "registry.toml"
    path.write_text(text)
    return path


def test_a_network_is_read_whole(tmp_path: Path) -> None:
    registry = load_registry(registry_at(tmp_path, GOOD))
    network = registry.network("small")
    assert registry.default("detect") is network
    assert registry.default("load") is None
    assert network.kinds == {2: ObjectClass.CAR, 3: ObjectClass.MOTORCYCLE}
    assert (network.name, network.riders_apart, network.input_wh) == ("small", True, None)
    assert network.calibrated == Calibration.of({ObjectClass.CAR: (2.5, -0.5)})
    file = network.file_for("openvino")
    printed = f"{'b' * 64}  small.bin\n{'a' * 64}  small.xml\n"
    assert file.hash == hashlib.sha256(printed.encode()).hexdigest()


def test_the_committed_registry_is_valid_and_every_default_exists() -> None:
    path = default_registry_path()
    registry = load_registry(path)
    assert registry.defaults == tomllib.loads(path.read_text())["defaults"]
    assert registry.default("detect") is not None


def test_committed_weights_are_the_ones_named() -> None:
    registry = load_registry(default_registry_path())
    for network in registry.networks.values():
        for file in network.files:
            if not file.path.startswith(".."):
                network.verified_path(file)


def test_a_city_registry_keeps_the_products_other_networks(tmp_path: Path) -> None:
    shipped = load_registry(default_registry_path())
    registry = load_registry_in_use(registry_at(tmp_path, GOOD))
    street = registry.network(registry.defaults["detect"])
    assert (street.name, street.folder) == ("small", tmp_path)
    for task in ("load", "plate", "character", "near"):
        other = registry.default(task)
        assert other == shipped.default(task) and other is not None, task
        assert other.verified_path(other.files[0]).is_file(), task
    serving = registry.serving(street)
    assert serving["detect"] == f"small ({tmp_path})"
    assert serving["near"] == f"near-n ({default_registry_path().parent})"
    assert load_registry(registry_at(tmp_path, GOOD)).serving(street)["near"] == "-"


@pytest.mark.parametrize(
    ("label", "text", "near"),
    [
        ("its own default", GOOD.replace("[defaults]", '[defaults]\nnear = "eyes"') + NEAR, "eyes"),
        ("listed and no default: nobody looks from near", GOOD + NEAR, None),
        ("a network of another task by that name", GOOD.replace("small", "near-n"), "near-n"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_what_a_city_registry_says_of_a_task_counts(tmp_path: Path, label: str, text: str, near: str | None) -> None:
    registry = load_registry_in_use(registry_at(tmp_path, text))
    network = registry.default("near")
    assert (network.name if network else None) == near, label
    assert network is None or network.task == "near"


def test_the_products_own_registry_in_use_is_itself() -> None:
    path = default_registry_path()
    assert load_registry_in_use(path) == load_registry(path)


FAULTS = [
    pytest.param('licence = "AGPL', 'licens = "AGPL', r"networks\.small\.licens: unknown key", id="misspelt key"),
    pytest.param('licence = "AGPL-3.0-or-later"', "", r"networks\.small\.licence: missing", id="no licence"),
    pytest.param('"motorcycle"', '"motorbike"', r"'motorbike'.*expected among .*motorcycle", id="unknown class"),
    pytest.param('detect = "small"', 'detect = "smal"', r"defaults\.detect: no network 'smal'", id="unknown default"),
    pytest.param("a" * 64, "a" * 63, r"sha256\.small\.xml: .*(got 'aaa", id="short hash"),
    pytest.param('{"small.xml"', '{"other.xml"', r"sha256 lacks 'small\.xml'", id="hash of another file"),
    pytest.param('"openvino"', '"onnx"', r"files\[0\]\.backend: .*'openvino' or 'ultralytics'", id="unknown backend"),
    pytest.param("score_min = 0.25", "score_min = 25", r"score_min: .*less than 1 .*25", id="score in percent"),
    pytest.param("car = [2.5", "bus = [2.5", r"calibration: \['bus'\] has no place", id="calibrated, not seen"),
    pytest.param("[2.5,", "[-2.5,", r"calibration\.car\[0\]: .*greater than 0", id="scores turned around"),
    pytest.param("[2.5, -0.5]", "[nan, -0.5]", r"calibration\.car\[0\]", id="slope is no number"),
    pytest.param("version = 1", "version = 2", r"version: .*1.*2", id="newer version"),
    pytest.param("[networks.small]", "[networks.small", r"not readable as TOML", id="broken TOML"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_faults_are_named_with_their_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    path = registry_at(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError, match=message.replace("(got", r"\(got")) as caught:
        load_registry(path)
    assert str(path) in str(caught.value)


STILLS = """
[networks.small.stills]
long_sides_px = [512]
look_score_min = 0.1
score_min = 0.05
second = {network = "other", long_sides_px = [640], silent_on = ["car"]}
"""


def two_detectors() -> str:
    return GOOD + STILLS + GOOD[GOOD.index("[networks.small]") :].replace("networks.small", "networks.other")


def test_who_looks_besides_is_found_by_name(tmp_path: Path) -> None:
    registry = load_registry(registry_at(tmp_path, two_detectors()))
    small, other = registry.network("small"), registry.network("other")
    assert (registry.second(small), registry.second(other)) == (other, None)
    city = load_registry(registry_at(tmp_path, "version = 1\n" + NEAR)).with_defaults_of(registry)
    assert city.second(city.network("small")) == other


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('network = "other"', 'network = "none"', "no detector 'none' that takes pictures of any size"),
        ('silent_on = ["car"]', 'silent_on = ["tram"]', r"silent_on: \['tram'\]; expected classes of it"),
        ("[networks.other]\n", "[networks.other]\ninput_wh = [640, 384]\n", "any size"),
    ],
)
def test_who_looks_besides_must_be_able_to(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_registry(registry_at(tmp_path, two_detectors().replace(old, new)))


def test_no_registry_at_all_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"nowhere\.toml: cannot read .*PHATNGUOI_MODELS"):
        load_registry(tmp_path / "nowhere.toml")


def test_an_unknown_network_names_those_there_are(tmp_path: Path) -> None:
    registry = load_registry(registry_at(tmp_path, GOOD))
    with pytest.raises(InferenceError, match=r"no network 'big' of task 'detect'.*\['small'\]"):
        registry.network("big")
    with pytest.raises(InferenceError, match=r"no network 'small' of task 'load'"):
        registry.network("small", task="load")


def test_a_backend_without_a_file_names_those_with(tmp_path: Path) -> None:
    network = load_registry(registry_at(tmp_path, GOOD)).network("small")
    with pytest.raises(InferenceError, match=r"no file for backend 'ultralytics', only for \['openvino'\]"):
        open_backend(network, backend="ultralytics")


def test_a_registry_on_disk_opens_its_network(tmp_path: Path) -> None:
    path = colour_finder(tmp_path)
    network = load_registry(registry_at(tmp_path, registry_toml(path))).default("detect")
    assert network is not None
    torch_first = network.files[0].model_copy(update={"backend": "ultralytics", "path": "none.pt"})
    backend = open_backend(network.model_copy(update={"files": (torch_first, *network.files)}))
    assert backend.network_hash == entry(path).files[0].hash
    backend.close()

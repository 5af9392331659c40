"""What this processor multiplies fast, and so which export of a network it should run.

Measured with YOLO11n at 640 x 384 on one core of a Xeon with AMX, ms of CPU time: with AMX float16 weights run as
bfloat16 17, INT8 23, float32 36; the same with AMX switched off: bfloat16 49, INT8 19, float32 37. So half precision
only pays where matrix tiles for it exist, and that it is listed as a capability says nothing about speed.
"""

import re
from pathlib import Path

from detector.inference.registry import Network, NetworkFile, Precision

CPUINFO = Path("/proc/cpuinfo")
WITH_TILES: tuple[Precision, ...] = ("bf16", "fp16", "int8", "fp32")
WITHOUT_TILES: tuple[Precision, ...] = ("int8", "fp32", "fp16", "bf16")


def has_bf16_tiles(cpuinfo: Path = CPUINFO) -> bool:
    """Whether the processor has AMX tiles for bfloat16; False where the system does not say."""
    try:
        return re.search(r"\bamx_bf16\b", cpuinfo.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def fastest_file(network: Network, *, tiles: bool) -> NetworkFile:
    """The OpenVINO export that runs fastest with or without bfloat16 tiles, unless the registry prefers one.

    Raises:
        InferenceError: the network has none.
    """
    return network.file_for("openvino", prefer=WITH_TILES if tiles else WITHOUT_TILES)


def compute_precision(file: NetworkFile, *, tiles: bool) -> str:
    """OpenVINO's `INFERENCE_PRECISION_HINT`: what runs everything that is not INT8.

    An INT8 network gains nothing from half precision, and its boxes would move by up to 5 px.
    """
    return "bf16" if tiles and file.precision in ("bf16", "fp16") else "f32"

"""Networks in Ultralytics' own formats: `.pt` on the CPU or a CUDA card, `.engine` through TensorRT.

In: a detector's registry entry with a file for backend "ultralytics". Out: a `Backend` whose outputs are decoded by
the same code as every other's. Needs the extra `torch`, imported only here. Never touches the network: Ultralytics
is told to stay offline and to install nothing before it is imported.
"""

import os
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.inference.in_flight import InFlight
from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.reading import Reading
from detector.inference.registry import Network
from detector.types.detections import Detections
from detector.types.errors import InferenceError

OFFLINE = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}


class UltralyticsBackend:
    """A detector run by Ultralytics."""

    def __init__(self, network: Network, *, score_min: float | None = None) -> None:
        """Check and load the network's file onto the CUDA card if there is one, else the CPU.

        Args:
            network: of task "detect", with a file for backend "ultralytics".
            score_min: boxes below this are dropped, the network's own value by default.

        Raises:
            InferenceError: torch or Ultralytics is not installed, or a file is missing, altered or unreadable.
        """
        file = network.file_for("ultralytics")
        self.network_hash = file.hash
        self._reading = Reading(network, network.score_min if score_min is None else score_min)
        self.calibration = network.calibrated
        self._torch, self._model = _load(network.name, network.verified_path(file))
        # One thread: torch already spreads one inference over all cores, and a card takes one at a time.
        self._in_flight = InFlight(threads=1, name=f"ultralytics {network.name}")

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for `submit`."""
        return self._reading.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        """Start on one picture; see `Backend.submit`."""
        self._reading.check_picture(picture)
        return self._in_flight.submit(self._run, picture)

    def close(self) -> None:
        """Finish what is in flight; a second call does nothing."""
        self._in_flight.close()

    def _run(self, picture: Picture) -> Detections:
        return self._reading.read(self._infer(picture.pixels), picture)

    def _infer(self, pixels: Pixels) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            batch = self._torch.from_numpy(pixels).to(self._model.device)
            batch = batch.flip(-1).permute(2, 0, 1)[None].contiguous()
            batch = (batch.half() if self._model.fp16 else batch.float()).div_(255)
            output = self._model(batch)
            raw = output[0] if isinstance(output, (list, tuple)) else output
            return np.asarray(raw.float().cpu().numpy())


def _load(name: str, path: Path) -> tuple[Any, Any]:
    os.environ.update(OFFLINE)
    try:
        import torch
        from ultralytics.nn.autobackend import AutoBackend
    except ImportError as error:
        raise InferenceError(
            f"network {name}: {path.name} needs torch and Ultralytics ({error}); "
            "pip install 'phatnguoi[torch]', or choose backend \"openvino\""
        ) from error
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        model = AutoBackend(str(path), device=device, fuse=True, verbose=False)
    except Exception as error:
        raise InferenceError(
            f"network {name}: {path}: Ultralytics cannot load it on {device} ({error}); an .engine must be "
            "built on this very card with this version of TensorRT, a .pt with this version of Ultralytics"
        ) from error
    return torch, model.eval()

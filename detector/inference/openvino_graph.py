"""One OpenVINO network, compiled for the CPU once per input size, with requests ready to run.

In: an IR, and pictures as they are: (h, w, 3) uint8 BGR. Conversion to float, channel order, scaling and layout are
part of the compiled graph. Out: the network's first output. Called from any thread, by several at once.
"""

from collections import OrderedDict
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock
from typing import TypeVar

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from detector.inference.letterbox import GREY
from detector.inference.picture import Pixels
from detector.inference.processor import compute_precision, fastest_file, has_bf16_tiles
from detector.inference.registry import Network
from detector.types.errors import InferenceError

SIZES_MAX = 4
"""Compiled input sizes kept; cameras of one shape share one, so few sites need more than two."""


T = TypeVar("T")


class OpenVinoGraph:
    """A network's graph and its compiled forms; `file` is the export in use."""

    def __init__(self, network: Network, *, streams: int) -> None:
        """Choose the export that suits this processor, check, read and extend it.

        Raises:
            InferenceError: there is no OpenVINO file, parts are missing or altered, or not readable as a network.
        """
        tiles = has_bf16_tiles()
        self.file = fastest_file(network, tiles=tiles)
        path = network.verified_path(self.file)
        self._name = network.name
        self._streams = streams
        self._core = ov.Core()
        # Not mapped: a file replaced while we run must not change the network that was hashed.
        self._core.set_property({"ENABLE_MMAP": False})
        try:
            self._model = _taking_pictures(self._core.read_model(path))
        except RuntimeError as error:
            raise InferenceError(
                f"network {network.name}: {path}: not readable as an OpenVINO network ({_first_line(error)}); "
                "export it again with a version of OpenVINO not newer than the one installed"
            ) from error
        self._precision = compute_precision(self.file, tiles=tiles)
        self._sizes: OrderedDict[tuple[int, int], SimpleQueue[ov.InferRequest]] = OrderedDict()
        self._lock = Lock()

    def run(self, pixels: Pixels, read: Callable[[NDArray[np.float32]], T]) -> T:
        """What `read` makes of the first output for one picture; compiles at the first picture of each size.

        Args:
            pixels: (h, w, 3) uint8 BGR, contiguous.
            read: gets the output while it is still in the request's own memory, and must not keep it.

        Raises:
            InferenceError: the network cannot take this size.
        """
        requests = self._requests((pixels.shape[1], pixels.shape[0]))
        request = requests.get()
        try:
            return read(request.infer({0: pixels[None]}, share_inputs=True, share_outputs=True)[0])
        finally:
            requests.put(request)

    def forget(self) -> None:
        """Free every compiled size."""
        with self._lock:
            self._sizes.clear()

    def _requests(self, input_wh: tuple[int, int]) -> "SimpleQueue[ov.InferRequest]":
        with self._lock:
            if input_wh not in self._sizes:
                self._sizes[input_wh] = self._compile(input_wh)
            self._sizes.move_to_end(input_wh)
            while len(self._sizes) > SIZES_MAX:
                self._sizes.popitem(last=False)
            return self._sizes[input_wh]

    def _compile(self, input_wh: tuple[int, int]) -> "SimpleQueue[ov.InferRequest]":
        shape = [1, input_wh[1], input_wh[0], 3]
        try:
            model = self._model.clone()
            if model.input(0).partial_shape != ov.PartialShape(shape):
                model.reshape(shape)
            compiled = self._core.compile_model(model, "CPU", self._settings())
        except RuntimeError as error:
            raise InferenceError(
                f"network {self._name}: cannot take pictures of {input_wh[0]} x {input_wh[1]} px "
                f"({_first_line(error)}); write its one size as `input_wh` in registry.toml"
            ) from error
        requests: SimpleQueue[ov.InferRequest] = SimpleQueue()
        blank = np.full(shape, GREY, np.uint8)
        for _ in range(2 * self._streams):
            request = compiled.create_infer_request()
            # A request's first run allocates its memory and builds kernels (here 43 ms against 35 ms): not while a
            # camera waits.
            request.infer({0: blank})
            requests.put(request)
        return requests

    def _settings(self) -> dict[str, object]:
        """One core per inference, as many inferences as streams, and no pinning, which would put the streams of two
        processes on the same cores.
        """
        return {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "NUM_STREAMS": self._streams,
            "INFERENCE_NUM_THREADS": self._streams,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": self._precision,
        }


def _taking_pictures(model: ov.Model) -> ov.Model:
    steps = PrePostProcessor(model)
    picture = steps.input()
    picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    picture.model().set_layout(ov.Layout("NCHW"))
    picture.preprocess().convert_element_type(ov.Type.f32).convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__

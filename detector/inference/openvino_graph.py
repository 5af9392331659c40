"""One OpenVINO network, compiled for the CPU once per input size, with requests ready to run.

In: an IR, and pictures as they are: (h, w, 3) uint8 BGR. Conversion to float, channel order, scaling and layout are
part of the compiled graph. Out: the network's first output. Called from any thread, by several at once. A form for
several pictures at a time is used only where it was seen to give the same bits as one at a time.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import LifoQueue
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.inference.flattening import flatten_quickly
from detector.inference.letterbox import GREY
from detector.inference.picture import Pixels
from detector.inference.private_openvino import ColorFormat, PrePostProcessor, ov
from detector.inference.processor import compute_precision, fastest_file, has_bf16_tiles
from detector.inference.registry import Network
from detector.types.errors import InferenceError

SIZES_MAX = 4
"""Compiled input sizes kept; cameras of one shape share one, so few sites need more than two."""


T = TypeVar("T")
Requests = LifoQueue[ov.InferRequest]
"""The one used last goes first: its memory is still in the cache, which saves 3 % of an inference."""


@dataclass(frozen=True, slots=True)
class _Forms:
    """A network ready for one input size: for one picture, and for `batch` of them where that is of use."""

    single: Requests
    several: Requests | None


class OpenVinoGraph:
    """A network's graph and its compiled forms; `file` is the export in use."""

    def __init__(self, network: Network, *, streams: int, batch: int = 1) -> None:
        """Choose the export that suits this processor, check, read and extend it.

        Args:
            network: its registry entry.
            streams: inferences at a time.
            batch: pictures that one inference may take besides single ones.

        Raises:
            InferenceError: there is no OpenVINO file, parts are missing or altered, or not readable as a network.
        """
        tiles = has_bf16_tiles()
        self.file = fastest_file(network, tiles=tiles)
        path = network.verified_path(self.file)
        self._name = network.name
        self._streams = streams
        self._batch = batch
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
        self._sizes: OrderedDict[tuple[int, int], _Forms] = OrderedDict()
        self._lock = Lock()

    def run(self, pixels: Sequence[Pixels], read: Callable[[NDArray[np.float32]], T]) -> T:
        """What `read` makes of the first output for pictures of one size; compiles at the first of each size.

        Args:
            pixels: one picture or several, each (h, w, 3) uint8 BGR, contiguous.
            read: gets the output, a row per picture, and must not keep it: it may be the request's own memory.

        Raises:
            InferenceError: the network cannot take this size.
        """
        forms = self._forms((pixels[0].shape[1], pixels[0].shape[0]))
        if len(pixels) == 1:
            return self._infer(forms.single, pixels[0][None], read)
        if forms.several is not None and len(pixels) == self._batch:
            return self._infer(forms.several, np.stack(pixels), read)
        return read(np.concatenate([self._infer(forms.single, one[None], np.array) for one in pixels]))

    def output_shape(self, input_wh: tuple[int, int]) -> tuple[int, ...]:
        """Shape of the first output for one picture of this size, told without compiling (4 ms instead of 300).

        Raises:
            InferenceError: the network cannot take this size, or its output has no fixed shape for it.
        """
        try:
            return tuple(self._shaped(input_wh, 1).output(0).shape)
        except RuntimeError as error:
            raise self._refused(input_wh, error) from error

    def forget(self) -> None:
        """Free every compiled size."""
        with self._lock:
            self._sizes.clear()

    @staticmethod
    def _infer(requests: Requests, pixels: Pixels, read: Callable[[NDArray[np.float32]], T]) -> T:
        request = requests.get()
        try:
            return read(request.infer({0: pixels}, share_inputs=True, share_outputs=True)[0])
        finally:
            requests.put(request)

    def _forms(self, input_wh: tuple[int, int]) -> _Forms:
        with self._lock:
            if input_wh not in self._sizes:
                single = self._compile(input_wh, 1)
                self._sizes[input_wh] = _Forms(single, self._several(input_wh, single))
            self._sizes.move_to_end(input_wh)
            while len(self._sizes) > SIZES_MAX:
                self._sizes.popitem(last=False)
            return self._sizes[input_wh]

    def _several(self, input_wh: tuple[int, int], single: Requests) -> Requests | None:
        """The form for several pictures; None where the network has none, or where it does not give the same bits."""
        if self._batch == 1:
            return None
        noise = np.random.default_rng(0).integers(0, 256, (self._batch, input_wh[1], input_wh[0], 3), np.uint8)
        try:
            several = self._compile(input_wh, self._batch)
            together = self._infer(several, noise, np.array)
        except (InferenceError, RuntimeError):
            return None
        alone = [self._infer(single, one[None], np.array) for one in noise]
        same = len(together) == self._batch and all(map(np.array_equal, together, (row[0] for row in alone)))
        return several if same else None

    def _compile(self, input_wh: tuple[int, int], batch: int) -> Requests:
        try:
            compiled = self._core.compile_model(self._shaped(input_wh, batch), "CPU", self._settings())
        except RuntimeError as error:
            raise self._refused(input_wh, error) from error
        requests: Requests = LifoQueue()
        blank = np.full([batch, input_wh[1], input_wh[0], 3], GREY, np.uint8)
        for _ in range(self._streams):
            request = compiled.create_infer_request()
            # A request's first run allocates its memory and builds kernels (here 43 ms against 35 ms): not while a
            # camera waits.
            request.infer({0: blank})
            requests.put(request)
        return requests

    def _shaped(self, input_wh: tuple[int, int], batch: int) -> ov.Model:
        shape = [batch, input_wh[1], input_wh[0], 3]
        model = self._model.clone()
        if model.input(0).partial_shape != ov.PartialShape(shape):
            model.reshape(shape)
        return model

    def _refused(self, input_wh: tuple[int, int], error: RuntimeError) -> InferenceError:
        return InferenceError(
            f"network {self._name}: cannot take pictures of {input_wh[0]} x {input_wh[1]} px "
            f"({_first_line(error)}); write its one size as `input_wh` in registry.toml"
        )

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
    built = steps.build()
    flatten_quickly(built)
    return built


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__

"""A single picture looked at thoroughly: at several sizes, each also mirrored, and brought together.

A camera's next look comes in a fifth of a second, so one look does; a single picture has no next one, but time. Nearly
square pictures of a street are often wide ones squeezed (recorders and data sets store them so): how sure the road
users in them are, as it is and stretched to 16:9, decides how one is looked at. Boxes are in px of the picture as it
is, all the same. How much all this gives: models/cards/street-n.md.
"""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

import numpy as np

from detector.inference.backend import Backend
from detector.inference.fusion import fuse
from detector.inference.letterbox import Letterbox
from detector.inference.open import open_backend
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Stills
from detector.types.detections import Detections

SHAPES = (9 / 16, 3 / 4, 1.0)
"""Shorter over longer side of the inputs that pictures are framed for: few, since every new one is compiled."""
KEPT = 8
"""Compiled inputs kept: two shapes of pictures at every size."""
WIDE = 16 / 9
SQUARE = (0.85, 1.18)
"""Width over height of pictures that may be squeezed ones."""
AS_GOOD = 0.8
"""A squeezed picture looks this much less convincing than its likeness of the right shape at times; the other way round
it does no harm: true squares cut from wide frames were told no worse when stretched (models/cards/street-n.md)."""

Wh = tuple[int, int]


class StillDetector:
    """A detector for single pictures; close it after use.

    Args:
        network: of task "detect"; without `stills` each picture is looked at once, as a camera's are.
        score_min: what scores less is not told, as a probability, or raw where a picture is looked at once; by default
            as the network says.

    Raises:
        InferenceError: its files are missing, altered or unusable.
    """

    def __init__(self, network: Network, *, score_min: float | None = None) -> None:
        self._network = network
        self._score_min = score_min
        self._backends: OrderedDict[Wh, Backend] = OrderedDict()
        self._once = open_backend(network, score_min=score_min, together=False)

    def detect(self, image: Pixels) -> Detections:
        """What is in an upright BGR picture (h, w, 3): full-frame px, not clipped, scores as probabilities.

        Raises:
            InferenceError: the network cannot take such a picture.
        """
        if self._network.stills is not None:
            return self._thoroughly(image, self._network.stills)
        letterbox = self._once.letterbox((image.shape[1], image.shape[0]))
        return self._probable(self._once.submit(Picture.resized(image, letterbox)).result())

    def close(self) -> None:
        """Frees the network; a second call does nothing."""
        self._once.close()
        for backend in self._backends.values():
            backend.close()
        self._backends.clear()

    def _thoroughly(self, image: Pixels, stills: Stills) -> Detections:
        shown_wh = self._shown_wh(image, stills)
        mirrored = np.ascontiguousarray(image[:, ::-1])
        plain, turned = (
            _results([self._submit(one, shown_wh, side_px, stills) for side_px in stills.long_sides_px])
            for one in (image, mirrored)
        )
        seen = fuse([self._probable(one) for one in (*plain, *(_mirrored(one, image.shape[1]) for one in turned))])
        score = stills.calibrated.probability(seen.kind, seen.score)
        least = stills.score_min if self._score_min is None else self._score_min
        order = np.argsort(-score, kind="stable")
        return replace(seen, score=score)[order[score[order] >= least]]

    def _shown_wh(self, image: Pixels, stills: Stills) -> Wh:
        """The size at which things in the picture have their true shape, for all that one can see."""
        height, width = image.shape[:2]
        as_it_is, wide = (width, height), (round(height * WIDE), height)
        if not SQUARE[0] <= width / height <= SQUARE[1]:
            return as_it_is
        side_px = self._network.long_side_px
        looks = _results([self._submit(image, shown_wh, side_px, stills) for shown_wh in (as_it_is, wide)])
        told = [_conviction(self._probable(seen)) for seen in looks]
        return wide if told[1] > AS_GOOD * told[0] else as_it_is

    def _submit(self, image: Pixels, shown_wh: Wh, side_px: int, stills: Stills) -> Future[Detections]:
        input_wh = _input_wh(shown_wh, side_px, self._network.stride_px)
        letterbox = Letterbox.inside(shown_wh, input_wh)
        letterbox = replace(letterbox, source_wh=(image.shape[1], image.shape[0]))
        return self._backend(input_wh, stills).submit(Picture.resized(image, letterbox))

    def _backend(self, input_wh: Wh, stills: Stills) -> Backend:
        held = self._backends.pop(input_wh, None)
        if held is None:
            network = self._network.model_copy(update={"input_wh": input_wh})
            # Scores mean what was fitted so, whatever is asked for; faint two-wheelers would take persons for riders.
            held = open_backend(network, score_min=stills.look_score_min, together=False)
        self._backends[input_wh] = held
        while len(self._backends) > KEPT:
            self._backends.popitem(last=False)[1].close()
        return held

    def _probable(self, seen: Detections) -> Detections:
        return replace(seen, score=self._once.calibration.probability(seen.kind, seen.score), appearance=None)


def _input_wh(shown_wh: Wh, side_px: int, stride_px: int) -> Wh:
    """The smallest input of one of `SHAPES` that holds such a picture at this longer side."""
    short, long = sorted(shown_wh)
    shape = next((one for one in SHAPES if short / long <= one + 1e-3), SHAPES[-1])
    longer, shorter = (-(-round(side_px * part) // stride_px) * stride_px for part in (1, shape))
    return (longer, shorter) if shown_wh[0] >= shown_wh[1] else (shorter, longer)


def _results(futures: Sequence[Future[Detections]]) -> list[Detections]:
    return [future.result() for future in futures]


def _mirrored(seen: Detections, width_px: int) -> Detections:
    left, top, right, bottom = seen.xyxy.T
    return replace(seen, xyxy=np.stack((width_px - right, top, width_px - left, bottom), axis=1))


def _conviction(seen: Detections) -> float:
    """How sure a look is altogether; many faint boxes are not worth a sure one."""
    return float(np.sum(seen.score**2))

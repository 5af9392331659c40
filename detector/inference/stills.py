"""A single picture looked at thoroughly: at several sizes, each also mirrored, by two networks, and brought together.

A camera's next look comes in a fifth of a second, so one look does; a single picture has no next one, but time. Two
networks that learnt from other pictures err at other places, so their common word is worth more than more looks of one.
Nearly square pictures of a street are often wide ones squeezed (recorders and data sets store them so): how sure the
road users in them are, as it is and stretched to 16:9, decides how one is looked at. Boxes are in px of the picture as
it is, all the same. How much all this gives: models/cards/street-n.md.
"""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

import numpy as np

from detector.inference.backend import Backend
from detector.inference.fusion import fuse
from detector.inference.letterbox import Letterbox
from detector.inference.open import open_backend
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Stills
from detector.types.classes import ObjectClass
from detector.types.detections import Detections
from detector.types.errors import InferenceError

SHAPES = (9 / 16, 3 / 4, 1.0)
"""Shorter over longer side of the inputs that pictures are framed for: few, since every new one is compiled."""
KEPT = 10
"""Compiled inputs kept: two shapes of pictures at every size, and the two by which a square one's is told."""
WIDE = 16 / 9
SQUARE = (0.85, 1.18)
"""Width over height of pictures that may be squeezed ones."""
AS_GOOD = 0.8
"""A squeezed picture looks this much less convincing than its likeness of the right shape at times; the other way round
it does no harm: true squares cut from wide frames were told no worse when stretched (models/cards/street-n.md)."""

Wh = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Eye:
    """A network, the sizes at which it looks, and what it is not asked about."""

    network: Network
    long_sides_px: tuple[int, ...]
    silent: frozenset[ObjectClass] = frozenset()


class StillDetector:
    """A detector for single pictures; close it after use.

    Args:
        network: of task "detect"; without `stills` each picture is looked at once, as a camera's are.
        second: the one that looks besides where `stills` names one (see `Registry.second`).
        score_min: what scores less is not told, as a probability, or raw where a picture is looked at once; by default
            as the network says.

    Raises:
        InferenceError: its files are missing, altered or unusable, or `second` is not the network that `stills` names.
    """

    def __init__(self, network: Network, *, second: Network | None = None, score_min: float | None = None) -> None:
        self._network = network
        self._score_min = score_min
        self._eyes = _eyes(network, second)
        self._backends: OrderedDict[tuple[str, Wh], Backend] = OrderedDict()
        self._once = open_backend(network, score_min=score_min, together=False)

    def detect(self, image: Pixels) -> Detections:
        """What is in an upright BGR picture (h, w, 3): full-frame px, not clipped, scores as probabilities.

        Raises:
            InferenceError: the network cannot take such a picture.
        """
        if self._network.stills is not None:
            return self._thoroughly(image, self._network.stills)
        letterbox = self._once.letterbox((image.shape[1], image.shape[0]))
        return _probable(self._once.submit(Picture.resized(image, letterbox)).result(), self._network)

    def close(self) -> None:
        """Frees the network; a second call does nothing."""
        self._once.close()
        for backend in self._backends.values():
            backend.close()
        self._backends.clear()

    def _thoroughly(self, image: Pixels, stills: Stills) -> Detections:
        shown_wh = self._shown_wh(image, stills)
        mirrored = np.ascontiguousarray(image[:, ::-1])
        views = [(eye, side_px) for eye in self._eyes for side_px in eye.long_sides_px]
        plain, turned = (
            _results([self._submit(one, shown_wh, eye.network, side_px, stills) for eye, side_px in views])
            for one in (image, mirrored)
        )
        seen = [*plain, *(_mirrored(one, image.shape[1]) for one in turned)]
        eyes = 2 * [eye for eye, _ in views]
        looks = [_probable(one, eye.network) for one, eye in zip(seen, eyes, strict=True)]
        told = fuse(looks, silent=[eye.silent for eye in eyes])
        score = stills.calibrated.probability(told.kind, told.score)
        least = stills.score_min if self._score_min is None else self._score_min
        order = np.argsort(-score, kind="stable")
        return replace(told, score=score)[order[score[order] >= least]]

    def _shown_wh(self, image: Pixels, stills: Stills) -> Wh:
        """The size at which things in the picture have their true shape, for all that one can see."""
        height, width = image.shape[:2]
        as_it_is, wide = (width, height), (round(height * WIDE), height)
        if not SQUARE[0] <= width / height <= SQUARE[1]:
            return as_it_is
        network, side_px = self._network, self._network.long_side_px
        looks = _results([self._submit(image, shown_wh, network, side_px, stills) for shown_wh in (as_it_is, wide)])
        told = [_conviction(_probable(seen, network)) for seen in looks]
        return wide if told[1] > AS_GOOD * told[0] else as_it_is

    def _submit(
        self, image: Pixels, shown_wh: Wh, network: Network, side_px: int, stills: Stills
    ) -> Future[Detections]:
        input_wh = _input_wh(shown_wh, side_px, network.stride_px)
        letterbox = Letterbox.inside(shown_wh, input_wh)
        letterbox = replace(letterbox, source_wh=(image.shape[1], image.shape[0]))
        return self._backend(network, input_wh, stills).submit(Picture.resized(image, letterbox))

    def _backend(self, network: Network, input_wh: Wh, stills: Stills) -> Backend:
        held = self._backends.pop((network.name, input_wh), None)
        if held is None:
            fixed = network.model_copy(update={"input_wh": input_wh})
            # Scores mean what was fitted so, whatever is asked for; faint two-wheelers would take persons for riders.
            held = open_backend(fixed, score_min=stills.look_score_min, together=False)
        self._backends[network.name, input_wh] = held
        while len(self._backends) > KEPT:
            self._backends.popitem(last=False)[1].close()
        return held


def _eyes(network: Network, second: Network | None) -> tuple[_Eye, ...]:
    """Who looks at a picture thoroughly; nobody where it is looked at once."""
    if network.stills is None:
        return ()
    first, wanted = _Eye(network, network.stills.long_sides_px), network.stills.second
    if (wanted and wanted.network) != (second and second.name):
        raise InferenceError(
            f"network {network.name}: looks at single pictures together with {wanted and wanted.network!r}, got "
            f"{second and second.name!r}; open it with the network that `Registry.second` gives"
        )
    if wanted is None or second is None:
        return (first,)
    return first, _Eye(second, wanted.long_sides_px, frozenset(map(ObjectClass.from_label, wanted.silent_on)))


def _probable(seen: Detections, network: Network) -> Detections:
    return replace(seen, score=network.calibrated.probability(seen.kind, seen.score), appearance=None)


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

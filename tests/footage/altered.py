"""Other footage of the same streets: mirrored, enlarged, at another rate, in rain, recorded badly; the truth stays.

`python -m tests.footage.altered [--clips NAME,...] [--tell] [ALTERATION...]` prints right / false / missed over the
scenes of each clip, as it is and altered (`recoded`: only packed anew); `--tell` names each truth missed and each event
too many. Altered clips are written to a temporary folder (`--keep FOLDER`: there) and need the footage beside the
checkout.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import yaml
from av.video.stream import VideoStream

from detector.scene import Scene
from pipelines.score import ScoredEvent, Truth, load_truths, match_events
from pipelines.video.recording import open_recording
from pipelines.video.source import open_source
from tests.footage import weather
from tests.footage.judge import DEFAULT, Settings, Variant, events_of, variants
from tests.footage.placement import Image, Placement
from tests.footage.weather import Weather

TICKS_HZ = 90_000
Times = Sequence[float]
Shown = tuple[int, float]
"""Number of a picture and the second it is shown at."""


def as_it_was(times_s: Times) -> list[Shown]:
    """Every picture when it was taken."""
    return list(enumerate(times_s))


def at_rate(rate_hz: float) -> Callable[[Times], list[Shown]]:
    """So many pictures a second, each the latest that there was: some twice, some never."""

    def retimed(times_s: Times) -> list[Shown]:
        shown_s = np.arange(0, times_s[-1] + 1e-6, 1 / rate_hz)
        numbers = np.searchsorted(np.array(times_s) - 1e-6, shown_s, side="right") - 1
        return [(max(int(number), 0), float(t_s)) for number, t_s in zip(numbers, shown_s, strict=True)]

    return retimed


def jittered(times_s: Times) -> list[Shown]:
    """Pictures whose times are wrong by up to a third of their distance, every tenth lost."""
    rng = np.random.default_rng(7)
    gap_s = float(np.median([b - a for a, b in pairwise(times_s)]))
    wrong_s = rng.uniform(-gap_s / 3, gap_s / 3, len(times_s))
    lost = rng.random(len(times_s)) < 0.1
    shown = [(i, t_s + w_s) for i, (t_s, w_s) in enumerate(zip(times_s, wrong_s, strict=True)) if i == 0 or not lost[i]]
    return [(0, 0.0), *((i, max(t_s, 0.01)) for i, t_s in shown[1:])]


def in_place(old_wh: tuple[int, int], _centre_xy: tuple[float, float]) -> Placement:
    """The picture as it is."""
    return Placement(old_wh=old_wh, new_wh=old_wh, shown_wh=old_wh)


def mirrored(old_wh: tuple[int, int], _centre_xy: tuple[float, float]) -> Placement:
    """Left and right exchanged."""
    return replace(in_place(old_wh, _centre_xy), mirrored=True)


def scaled(scale_x: float, scale_y: float) -> Callable[[tuple[int, int], tuple[float, float]], Placement]:
    """Another resolution."""

    def place(old_wh: tuple[int, int], _centre_xy: tuple[float, float]) -> Placement:
        new = _even(old_wh[0] * scale_x), _even(old_wh[1] * scale_y)
        return Placement(old_wh=old_wh, new_wh=new, shown_wh=new)

    return place


def framed(share_x: float, share_y: float) -> Callable[[tuple[int, int], tuple[float, float]], Placement]:
    """Black around it, so much of its own width and height on each side."""

    def place(old_wh: tuple[int, int], _centre_xy: tuple[float, float]) -> Placement:
        left, top = _even(old_wh[0] * share_x), _even(old_wh[1] * share_y)
        new = _even(old_wh[0] + 2 * left), _even(old_wh[1] + 2 * top)
        return Placement(old_wh=old_wh, new_wh=new, shown_wh=old_wh, offset_xy=(left, top))

    return place


def enlarged(old_wh: tuple[int, int], centre_xy: tuple[float, float], scale: float = 1.3) -> Placement:
    """Nearer, about the middle of what happens."""
    shown = _even(old_wh[0] * scale), _even(old_wh[1] * scale)
    corner = [
        int(np.clip(side / 2 - centre * scale, side - whole, 0))
        for side, centre, whole in zip(old_wh, centre_xy, shown, strict=True)
    ]
    return Placement(old_wh=old_wh, new_wh=old_wh, shown_wh=shown, offset_xy=(corner[0], corner[1]))


def _even(length: float) -> int:
    return 2 * round(length / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """What is made of a clip.

    Attributes:
        place: where the picture lies in the new one.
        shown: which pictures are shown when.
        weather: what happens to each picture.
        codec, options, container: how it is packed.
        starts_s: the time its first picture carries.
        settings: how it is looked at.
    """

    place: Callable[[tuple[int, int], tuple[float, float]], Placement] = in_place
    shown: Callable[[Times], list[Shown]] = as_it_was
    weather: Weather | None = None
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=lambda: {"crf": "20", "preset": "veryfast"})
    container: str = "mp4"
    starts_s: float = 0.0
    settings: Settings = DEFAULT


AS_IT_IS = "as it is"
ALTERATIONS = {
    "recoded": Alteration(),
    "mirrored": Alteration(place=mirrored),
    "shrunk": Alteration(place=framed(0.2, 0.2)),
    "enlarged": Alteration(place=enlarged),
    "half": Alteration(place=scaled(0.5, 0.5)),
    "squeezed": Alteration(place=scaled(0.75, 1.0)),
    "bars": Alteration(place=framed(0.15, 0.0)),
    "12fps": Alteration(shown=at_rate(12)),
    "15fps": Alteration(shown=at_rate(15)),
    "14.985fps": Alteration(shown=at_rate(14.985)),
    "30fps": Alteration(shown=at_rate(30)),
    "jittered": Alteration(shown=jittered),
    "late": Alteration(starts_s=90_000.0, container="mpegts"),
    "wrapping": Alteration(starts_s=2**33 / TICKS_HZ - 3, container="mpegts"),
    "clock": Alteration(weather=weather.clock),
    "swaying": Alteration(weather=weather.swaying),
    "drifting": Alteration(weather=weather.drifting),
    "grey": Alteration(weather=weather.grey),
    "overexposed": Alteration(weather=weather.overexposed),
    "haze": Alteration(weather=weather.haze),
    "rain": Alteration(weather=weather.rain),
    "dusk": Alteration(weather=weather.dusk),
    "interlaced": Alteration(weather=weather.interlaced),
    "crf38": Alteration(options={"crf": "38", "preset": "veryfast"}),
    "mpeg4": Alteration(codec="mpeg4", options={"qmin": "14", "qmax": "31"}),
    "10looks": Alteration(settings=Settings(rate_hz=10.0)),
    "2.5looks": Alteration(settings=Settings(rate_hz=2.5)),
}


def altered(alteration: Alteration, clip: str, folder: Path) -> list[Variant]:
    """Writes the altered clip with its scenes and truths into a folder, and names them."""
    before = [variant for variant in variants() if variant.clip.stem == clip]
    place = alteration.place(open_recording(before[0].clip).size_wh, _centre(before))
    kept = []
    for variant in before:
        scene = place.scene(yaml.safe_load(variant.scene.read_text(encoding="utf-8")))
        if not scene.get("zones") and not scene.get("turns"):
            continue
        new = Variant(variant.name, folder, folder)
        new.scene.write_text(yaml.safe_dump(scene, allow_unicode=True), encoding="utf-8")
        lines = [place.truth(json.loads(line)) for line in variant.truth.read_text(encoding="utf-8").splitlines()]
        new.truth.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        kept.append(new)
    film(alteration, place, before[0].clip, folder / f"{clip}.mp4")
    return kept


def film(alteration: Alteration, place: Placement, clip: Path, target: Path) -> None:
    """Packs the altered pictures."""
    source = open_source(open_recording(clip))
    taken = [(frame.t_s, frame.full()) for frame in source.frames()]
    shown = alteration.shown([t_s for t_s, _ in taken])
    rng = np.random.default_rng(0)
    with av.open(str(target), "w", format=alteration.container) as container:
        rate = Fraction(len(shown) - 1) / Fraction(shown[-1][1]).limit_denominator(TICKS_HZ)
        stream = container.add_stream(alteration.codec, rate=rate.limit_denominator(1001), options=alteration.options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = place.new_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS_HZ if alteration.codec != "mpeg4" else 60_000)
        base = stream.codec_context.time_base
        stream.codec_context.gop_size = max(1, round(2 * rate))
        for number, t_s in shown:
            image = _seen(alteration, place, taken, number, rng)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = round((t_s + alteration.starts_s) / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _seen(
    alteration: Alteration, place: Placement, taken: list[tuple[float, Image]], number: int, rng: np.random.Generator
) -> Image:
    t_s, image = taken[number]
    if alteration.weather is not None:
        image = alteration.weather(image, taken[min(number + 1, len(taken) - 1)][1], t_s, rng)
    return place.picture(image)


def _centre(before: list[Variant]) -> tuple[float, float]:
    """The middle of all that happens in a clip."""
    boxes = np.array([truth.xyxy for variant in before for truth in load_truths(variant.truth)] or [(0, 0, 0, 0)])
    middle = (boxes[:, :2] + boxes[:, 2:]).mean(axis=0) / 2
    return float(middle[0]), float(middle[1])


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one scene, against its truth."""

    right: list[Truth]
    missed: list[Truth]
    false: list[ScoredEvent]


def told(variant: Variant, settings: Settings, *, scene: Scene | None = None) -> Told:
    """Events of a variant, under its own scene or another one, against its truth; optional truths count nowhere."""
    events, truths = events_of(variant, settings, scene=scene), load_truths(variant.truth)
    matches = match_events(events, truths)
    found, meant = {match.truth for match in matches}, {match.event for match in matches}
    firm = [(i, truth) for i, truth in enumerate(truths) if not truth.optional]
    return Told(
        [truth for i, truth in firm if i in found],
        [truth for i, truth in firm if i not in found],
        [event for i, event in enumerate(events) if i not in meant],
    )


def judged(name: str, clip: str, folder: Path | None) -> Iterator[tuple[Variant, Told]]:
    """Each scene of an altered clip; of the clip itself under the name `as it is`."""
    if name == AS_IT_IS:
        for variant in variants():
            if variant.clip.stem == clip:
                yield variant, told(variant, DEFAULT)
        return
    with tempfile.TemporaryDirectory(prefix="altered-") as passing:
        place = Path(passing) if folder is None else folder / name
        place.mkdir(parents=True, exist_ok=True)
        for variant in altered(ALTERATIONS[name], clip, place):
            yield variant, told(variant, ALTERATIONS[name].settings)


def lines(variant: Variant, found: Told) -> Iterator[str]:
    """What was missed and what was told too much, one a line."""
    for truth in found.missed:
        when = f"{truth.start_s:g}-{truth.end_s:g} s"
        yield f"    {variant.name} missed {truth.kind.value} {when} {_spot(truth.t_s, truth.xyxy)}"
    for event in found.false:
        middle = event.path[len(event.path) // 2]
        spot = _spot(middle[0], middle[1:])
        yield f"    {variant.name} false {event.kind.value} {event.vehicle} {event.start_s:g}-{event.end_s:g} s {spot}"


def _spot(t_s: float, xyxy: Sequence[float]) -> str:
    return f"at {t_s:g} s in {[round(side) for side in xyxy]}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("alterations", nargs="*", choices=[[], *ALTERATIONS], metavar="ALTERATION")
    parser.add_argument("--clips", default="", help="only these, with commas between")
    parser.add_argument("--tell", action="store_true")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    clips = sorted({variant.clip.stem for variant in variants()})
    clips = [clip for clip in clips if not arguments.clips or clip in arguments.clips.split(",")]
    for name in (AS_IT_IS, *(arguments.alterations or ALTERATIONS)):
        total = np.zeros(3, int)
        for clip in clips:
            results = list(judged(name, clip, arguments.keep))
            counts = sum((counted(found) for _, found in results), np.zeros(3, int))
            total += counts
            print(f"{name:12s} {clip:28s} {shown_counts(counts)}", flush=True)
            if arguments.tell:
                print("\n".join(line for variant, found in results for line in lines(variant, found)), flush=True)
        print(f"{name:12s} {'all':28s} {shown_counts(total)}", flush=True)


def counted(found: Told) -> Any:
    """(3,) right, false, missed."""
    return np.array([len(found.right), len(found.false), len(found.missed)])


def shown_counts(counts: Any) -> str:
    """As the tables print them."""
    return " / ".join(f"{count:3d}" for count in counts)


if __name__ == "__main__":
    main()

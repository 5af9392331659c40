"""What a soak should reach, beside what it did: one row an aim.

In: the figures of `run_soak`. Out: rows for JSON, and a table for people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

LOST_SHARE = 0.01
BLIND_SHARE = 0.01
"""A camera that is taken for frozen or covered costs nothing: figures of one that is not judged say nothing."""
VERDICT_S, EVIDENCE_S = 0.5, 5.0
QUEUE_GROWTH = 3.0
"""Acts that wait come and go; what counts is whether more wait at the end than in the beginning."""
OF_DECODING = 1.6
FLAT_MB_PER_H = 60.0
FLAT_FROM_S = 600.0
"""Growth of memory in less time says nothing about hours."""
UNKNOWN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One figure and the most it may be; None where nothing was measured."""

    name: str
    measured: float | None
    most: float

    @property
    def reached(self) -> bool | None:
        """None where nothing was measured."""
        return None if self.measured is None else self.measured <= self.most


def aims_of(figures: Mapping[str, Any]) -> list[Aim]:
    """The aims that these figures speak of."""
    long = figures["seconds"] >= FLAT_FROM_S
    rss, waiting = figures["rss_mb"], figures["waiting_acts"]
    return [
        Aim(name="looks lost, share", measured=figures["lost_share"], most=LOST_SHARE),
        Aim(name="looks not judged, share", measured=figures["blind_share"], most=BLIND_SHARE),
        Aim(name="time at a slower rate, share", measured=figures["slowed_share"], most=0),
        Aim(name="arrival to verdict, p95, s", measured=figures["verdict_s"]["p95"], most=VERDICT_S),
        Aim(name="post-roll to case, p95, s", measured=figures["evidence_s"]["p95"], most=EVIDENCE_S),
        Aim(name="waiting acts, growth", measured=waiting["growth"], most=QUEUE_GROWTH),
        Aim(name="acts without a case", measured=figures["violations"] - figures["cases"], most=0),
        Aim(name="CPU, times decoding", measured=figures["cpu_of_decoding"], most=OF_DECODING),
        Aim(name="memory, MB", measured=rss["most"], most=rss["meant"]),
        Aim(
            name="memory, growth, MB an hour",
            measured=figures["rss_mb_per_h_second_half"] if long else None,
            most=FLAT_MB_PER_H,
        ),
    ]


def rows(aims: list[Aim]) -> list[dict[str, Any]]:
    """For JSON."""
    return [asdict(aim) | {"reached": aim.reached} for aim in aims]


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """Lines for people."""
    yield f"{figures['cameras']} camera, {figures['seconds']:.0f} s, {figures['cpu_s_per_camera_s']:.3f} CPU s/camera-s"
    yield f"{figures['acts_per_camera_minute']:.2f} acts/camera-min, {figures['reconnects']} reconnects"
    yield f"{'':32}{'measured':>10}{'at most':>10}"
    for row in figures["aims"]:
        measured = UNKNOWN if row["measured"] is None else f"{row['measured']:.3f}"
        mark = {True: "đạt / reached", False: "KHÔNG ĐẠT / MISSED", None: "chưa đo / not measured"}[row["reached"]]
        yield f"{row['name']:32}{measured:>10}{row['most']:>10g}  {mark}"

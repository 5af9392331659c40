"""Every number the lasting-foreground model decides with; times in seconds of stream time.

Lengths are cells of the working grid (the picture block-averaged to about `grid_width` columns).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForegroundSettings:
    """Thresholds of `StaticForeground`.

    Attributes:
        interval_s: time between two evaluations.
        grid_width: columns of the working grid, about.
        learn_s: how long the first pictures are gathered when there is no reference.
        lasting_s: a change must have lasted this long to be reported.
        longest_s: a change's age is counted up to this; it is forgotten at twice the speed.
        short_s: time constant of the short-term background.
        long_s: time constant of the long-term background where nothing has changed.
        absorb_s: the same where only the light has changed (a shadow that stays).
        moving: relative luma difference against the short-term background that means motion.
        ratio: relative luma change that counts as changed at all.
        chroma: distance of chromaticities that light alone does not cause.
        texture: change of local structure, relative to luma, that light alone does not cause.
        darkest, brightest: luma ratios beyond which it is no shadow or light.
        dark_level: added to luma in every ratio so that noise in the dark counts little, grey levels.
        strong_share: share of a blob's cells that light cannot explain.
        global_share: share of the picture changed at once that means light or camera, not objects.
        rise: how far above its pavement an object may rise, shares of the zone's shorter side.
        least_share: least area of a blob, share of its zone's area.
        least_cells: least area of a blob, cells.
        gap_cells: pieces nearer than this are one object.
        ghost: edges at a blob's border this much stronger in the background than now mean something has left.
    """

    interval_s: float = 1.0
    grid_width: int = 320
    learn_s: float = 12.0
    lasting_s: float = 6.0
    longest_s: float = 14.0
    short_s: float = 1.5
    long_s: float = 120.0
    absorb_s: float = 60.0
    moving: float = 0.15
    ratio: float = 0.15
    chroma: float = 0.035
    texture: float = 0.10
    darkest: float = 0.35
    brightest: float = 2.2
    dark_level: float = 8.0
    strong_share: float = 0.3
    global_share: float = 0.5
    rise: float = 0.6
    least_share: float = 0.004
    least_cells: int = 14
    gap_cells: int = 2
    ghost: float = 1.3

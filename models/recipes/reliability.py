"""Reliability of scores: per tenth of score how often they are right, as numbers and as a diagram.

In: scores and whether each was right. Out: bins, and an SVG of one or two curves.
"""

from __future__ import annotations

import numpy as np

BINS = 10


def reliability(scores: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Return per tenth of score: how many boxes, their mean score, the share that is right."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {"n": int(own.sum()), "score": float(scores[own].mean()), "right": float(right[own].mean())}
        for own in (place == tenth for tenth in range(BINS))
        if own.any()
    ]


def plot(curves: dict[str, list[dict[str, float]]]) -> str:
    """Return a reliability diagram as SVG: the share that is right over the score, a dot's area telling how many."""
    colours = ("#b3261e", "#1a5fb4")
    marks = ['<rect width="360" height="330" fill="white"/>', '<path d="M40 280 L320 0" stroke="#999"/>']
    marks.append('<path d="M40 0 V280 H320" fill="none" stroke="black"/>')
    for row, ((name, bins), colour) in enumerate(zip(curves.items(), colours, strict=True)):
        dots = [(40 + 280 * one["score"], 280 - 280 * one["right"], one["n"] ** 0.5 / 3 + 1) for one in bins]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}"/>' for x, y, r in dots]
        marks.append(f'<text x="50" y="{20 + 16 * row}" font-size="12" fill="{colour}">{name}</text>')
    for tick in (0.0, 0.5, 1.0):
        marks.append(f'<text x="{34 + 280 * tick}" y="296" font-size="11">{tick}</text>')
        marks.append(f'<text x="14" y="{284 - 272 * tick}" font-size="11">{tick}</text>')
    marks.append('<text x="110" y="316" font-size="12">score; upright: share that is right</text>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 330" width="540">{"".join(marks)}</svg>\n'

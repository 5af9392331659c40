"""Write measured figures into a model card, between its `<!-- figures -->` marks.

In: JSON files of `models.recipes.evaluate`, each one table, with a heading given for it. Out: the card, its tables
replaced; everything outside the marks stays as it was written.

    python -m models.recipes.card --card models/cards/street-n.md --table "Held-out clips" test.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from models.recipes.network import CLASSES

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
COLUMNS = ("ap50", "ap50_drawn", "ap50_95", "precision", "recall")


def short_name(path: str) -> str:
    """Return the last two parts of a network's path, enough to tell its export."""
    return "/".join(Path(path).parts[-2:])


def class_rows(networks: dict[str, Any]) -> list[str]:
    """Return one table row per class and network."""
    rows = []
    for kind in CLASSES:
        for path, figures in networks.items():
            if kind in figures:
                found = figures[kind]
                numbers = " | ".join(f"{found[column]:.3f}" for column in COLUMNS)
                rows.append(f"| {kind} | {short_name(path)} | {found['images']} | {found['boxes']} | {numbers} |")
    return rows


def summary_rows(networks: dict[str, Any]) -> list[str]:
    """Return one line per network with the figures over all vehicles, where there are vehicles."""
    return [
        f"- {short_name(path)}: vehicles mAP50 {figures['vehicles_map50']:.3f}; recall of the "
        f"{figures['small_motorcycles']['boxes']} motorcycles under 32 x 32 px "
        f"{figures['small_motorcycles']['recall']:.3f}"
        for path, figures in networks.items()
        if "car" in figures
    ]


def table(heading: str, results: dict[str, Any]) -> str:
    """Return one heading with its table."""
    head = ["class", "network", "images", "boxes", *COLUMNS]
    lines = [f"### {heading} ({results['images']} images)", ""]
    lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *class_rows(results["networks"])]
    summary = summary_rows(results["networks"])
    return "\n".join([*lines, "", *summary] if summary else lines)


def calibration_table(result: dict[str, Any]) -> str:
    """Return a Markdown table of `calibrate.measured`: boxes and expected calibration error, of all and per part."""
    raw, told = result["raw"], result["calibrated"]
    lines = [
        "### Calibration, every camera by fits to the other cameras (street-n fp16, boxes of raw score 0.1 or more)",
        "",
        "| part | boxes | error of raw scores | error calibrated |",
        "|---|---|---|---|",
        f"| all | {told['boxes']} | {raw['error']:.3f} | {told['error']:.3f} |",
    ]
    for name, part in told["parts"].items():
        before = raw["parts"][name]["error"]
        lines.append(f"| {name} | {part['boxes']} | {before:.3f} | {part['error']:.3f} |")
    return "\n".join(lines)


def with_tables(card: str, tables: list[str]) -> str:
    """Return the card's text with its figures replaced.

    Raises ValueError if the card lacks the marks.
    """
    if BEGIN not in card or END not in card:
        raise ValueError(f"the card has no {BEGIN} ... {END} to write between")
    before, rest = card.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return "\n\n".join([before + BEGIN, *tables, END + after])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--card", type=Path, required=True)
    parser.add_argument("--table", nargs=2, action="append", required=True, metavar=("HEADING", "JSON"))
    args = parser.parse_args()
    tables = [table(heading, json.loads(Path(path).read_text())) for heading, path in args.table]
    args.card.write_text(with_tables(args.card.read_text(), tables))


if __name__ == "__main__":
    main()

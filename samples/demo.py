"""`make demo`: the main job on the project's own samples, ending in a table of the cases it opened.

Runs `phatnguoi batch` over every clip of `samples/clips` with its scene, into `data/`. Run again, it goes on where it
was and opens nothing twice.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent
DATA = ROOT.parent / "data"
COMMAND = Path(sys.executable).with_name("phatnguoi")
PLAIN_WIDTH = 140
HEADINGS = (
    "Hồ sơ / Case",
    "Hành vi / Kind",
    "Xe / Vehicle",
    "Biển số / Plate",
    "Giây / Seconds",
    "Tin cậy / Conf.",
    "Video",
)


def cases_of(clip: Path, events: Path) -> list[list[str]]:
    """Runs one clip; returns a row per case: id, kind, vehicle, plate, seconds, confidence, video, evidence folder."""
    scene = ROOT / "scenes" / f"{clip.stem}.yaml"
    arguments = [COMMAND, "batch", clip, "--scene", scene, "--data", DATA, "--events", events]
    done = subprocess.run([str(argument) for argument in arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    plates = [json.loads(line)["plate"] for line in events.read_text(encoding="utf-8").splitlines()]
    return [[*row[:3], plate["text"] if plate else "", *row[3:]] for row, plate in zip(rows, plates, strict=True)]


def main() -> None:
    """Runs all sample clips and prints what came of them."""
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    table = Table(title="Hồ sơ chờ duyệt / Cases to review")
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=True)
    evidence: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for clip in sorted((ROOT / "clips").glob("*.mp4")):
            for row in cases_of(clip, Path(folder) / "events.jsonl"):
                table.add_row(*row[:7])
                evidence.append(f"  {row[0]}  {row[7]}")
    console.print(table)
    console.print("Chứng cứ / Evidence:", *evidence, sep="\n", highlight=False, soft_wrap=True)
    console.print(
        "\nTạo tài khoản / create an account:  .venv/bin/phatnguoi user add TEN --role officer --data data"
        "\nMở giao diện duyệt / open the console:  .venv/bin/phatnguoi serve --data data"
        "   (http://127.0.0.1:8000)",
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()

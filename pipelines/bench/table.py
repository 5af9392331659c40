"""The bench's result for people: a table of the contestants and the ratios under it."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

COLUMNS = (
    *("wall_s", "cpu_s", "start_wall_s", "start_cpu_s", "steady_cpu_per_s"),
    *("peak_mb", "latency_p50_s", "latency_p95_s", "lost", "blind"),
)


def print_bench(result: dict[str, Any]) -> None:
    """Prints what `run_bench` returned to stdout."""
    machine = result["machine"]
    headings = (column.removesuffix("_s").replace("_", " ") for column in COLUMNS)
    title = f"{machine['cpu']}, {machine['cores']} cores; {result['footage']}; seconds"
    table = Table(
        Column("", no_wrap=True), *headings, title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
    for name, run in result["runs"].items():
        table.add_row(name, *(f"{run[column]:.3g}" if column in run else "-" for column in COLUMNS))
    console = Console()
    console.print(table)
    for name, ratio in result["ratios"].items():
        console.print(f"{name}: {'-' if ratio is None else ratio}", highlight=False)

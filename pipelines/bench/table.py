"""The bench's result for people: a table of the contestants and the ratios under it."""

from typing import Any

from rich.console import Console
from rich.table import Table

COLUMNS = ("wall_s", "cpu_s", "peak_mb", "latency_p50_s", "latency_p95_s")


def print_bench(result: dict[str, Any]) -> None:
    """Prints what `run_bench` returned to stdout."""
    machine = result["machine"]
    table = Table("", *COLUMNS, title=f"{machine['cpu']}, {machine['cores']} cores; {result['footage']}")
    for name, run in result["runs"].items():
        table.add_row(name, *(f"{run[column]:.3g}" if column in run else "-" for column in COLUMNS))
    console = Console()
    console.print(table)
    for name, ratio in result["ratios"].items():
        console.print(f"{name}: {'-' if ratio is None else ratio}", highlight=False)

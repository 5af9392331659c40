"""What the commands share: options that several take, input told to be wrong, answers as JSON."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

EXIT_WRONG_INPUT = 2
EXIT_INTERRUPTED = 130

DataDir = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu / data folder (default ./data)")]
Registry = Annotated[Path | None, typer.Option("--registry", help="Danh mục mạng / network registry (registry.toml)")]
NetworkName = Annotated[str | None, typer.Option("--network", help="Tên mạng / network name (registry's default)")]


class Wrong(typer.Exit):
    """Wrong input: prints its lines to stderr and ends with the code for it."""

    def __init__(self, text: str) -> None:
        typer.echo(text, err=True)
        super().__init__(EXIT_WRONG_INPUT)


def registry_of(given: Path | None) -> Path:
    """The network registry named on the command line, in `PHATNGUOI_MODELS`, or the product's own."""
    from detector.inference import default_registry_path

    named = os.environ.get("PHATNGUOI_MODELS")
    return given or (Path(named) / "registry.toml" if named else default_registry_path())


def time_of(option: str, text: str | None) -> datetime | None:
    """An ISO 8601 time, with its offset where it has one; ends with a fault that names the option."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(f'{option}: {text!r} is no ISO 8601 time; write e.g. "2026-11-22T08:00:00+07:00"') from error


def print_json(value: Any) -> None:
    """A command's result on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))

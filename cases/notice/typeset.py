"""Setting a paper as PDF/A with Typst: a template of ours, the case's words as data, the stills beside them.

Typst's own embedded fonts hold all Vietnamese letters, so a paper looks the same on every machine; nothing is fetched.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Literal

import segno
import typst

from cases.evidence.disk import explain
from detector.types import CaseError

STANDARD: Literal["a-2b"] = "a-2b"


def typeset(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """The PDF/A of a template of this folder, e.g. `notice.typ`; see `typeset_from`."""
    return typeset_from("cases.notice", template, data, pictures)


def typeset_from(package: str, template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """The PDF/A of a package's template; pictures by the file names the data refers to.

    Raises:
        CaseError: the template refuses the data, or a picture is none. EvidenceError: the disk refuses.
    """
    try:
        return _set(files(package).joinpath(template).read_text(encoding="utf-8"), data, pictures)
    except OSError as error:
        raise explain(error, Path(gettempdir())) from error


def _set(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    with TemporaryDirectory(prefix="phatnguoi-") as folder:
        root = Path(folder)
        for name, content in pictures.items():
            (root / name).write_bytes(content)
        main = root / "main.typ"
        main.write_text(template, encoding="utf-8")
        try:
            pdf = typst.compile(
                str(main),
                root=folder,
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                pdf_standards=STANDARD,
            )
        except typst.TypstError as error:
            raise CaseError(f"the paper cannot be set: {str(error)[:500]}") from error
    return pdf


def qr_svg(text: str) -> bytes:
    """A QR code of an address, error correction M."""
    data = BytesIO()
    segno.make(text, error="m", micro=False).save(data, kind="svg", scale=4, border=2)
    return data.getvalue()

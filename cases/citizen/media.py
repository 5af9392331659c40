"""Photos and videos from citizens: only what is one by its first bytes, kept under names of our own, for us alone."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from cases.evidence.disk import explain
from cases.faults import BadReasonError
from cases.redaction import redacted

MOST_FILES = 5
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 16
MOST_PIXELS = 60_000_000
PREVIEW_PX = 320
_NO_PICTURE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it comes in: what its sender calls it (for messages only) and its bytes."""

    name: str
    chunks: Iterable[bytes]


def media_type(head: bytes) -> tuple[str, str] | None:
    """(suffix, media type) by the first bytes of a file, None for anything we do not take."""
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg", "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png", "image/png"
    if head[4:8] == b"ftyp":
        return ".mp4", "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return ".mkv", "video/x-matroska"
    return None


def keep(folder: Path, uploads: Sequence[Upload], *, largest_bytes: int) -> list[dict[str, Any]]:
    """Write uploads into a new folder that only this account reads; all of them or none.

    Returns:
        For each file its name, media type, size and SHA-256.

    Raises:
        BadReasonError: no file, too many, too large, or neither photo nor video.
        EvidenceError: the disk refuses.
    """
    if not 1 <= len(uploads) <= MOST_FILES:
        raise BadReasonError(f"files: expected 1 to {MOST_FILES} photos or videos, got {len(uploads)}")
    draft = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    try:
        draft.mkdir(parents=True, mode=0o700)
        rows = [_keep(draft, number, upload, largest_bytes) for number, upload in enumerate(uploads, start=1)]
        draft.rename(folder)
    except OSError as error:
        raise explain(error, folder) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return rows


def upright(data: bytes, *, within_px: int | None = None) -> Image.Image:
    """A citizen's photo upright and without its metadata; no larger than `within_px` where that is given.

    Raises:
        BadReasonError: it is no photo, or a larger one than anybody can look at.
    """
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadReasonError(f"photo: {opened.width} x {opened.height} px is more than can be looked at")
            if within_px is not None:
                opened.draft("RGB", (within_px, within_px))
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except _NO_PICTURE as error:
        raise BadReasonError("photo: cannot be read as JPEG or PNG") from error
    if within_px is not None:
        picture.thumbnail((within_px, within_px))
    return picture


def as_jpeg(picture: Image.Image, *, quality: int = 95) -> bytes:
    """A JPEG of a picture's pixels and nothing else."""
    data = BytesIO()
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(data, "JPEG", quality=quality)
    return data.getvalue()


def preview(path: Path) -> bytes:
    """A small JPEG of a photo in which nobody can be recognised: what a list shows before somebody opens the photo.

    Raises:
        BadReasonError: it is no photo. OSError: it cannot be read.
    """
    return redacted(as_jpeg(upright(path.read_bytes(), within_px=PREVIEW_PX)), None)


def _keep(folder: Path, number: int, upload: Upload, largest_bytes: int) -> dict[str, Any]:
    path = folder / f"file-{number}"
    digest, size, head = hashlib.sha256(), 0, b""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        for chunk in upload.chunks:
            size += len(chunk)
            if size > largest_bytes:
                raise BadReasonError(f"file {upload.name[:60]!r}: larger than {largest_bytes >> 20} MB")
            head = (head + chunk)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    found = media_type(head)
    if found is None:
        raise BadReasonError(f"file {upload.name[:60]!r}: neither photo (JPEG, PNG) nor video (MP4, MOV, MKV, WebM)")
    suffix, kind = found
    path.rename(path.with_suffix(suffix))
    return {"name": f"file-{number}{suffix}", "media_type": kind, "size_bytes": size, "sha256": digest.hexdigest()}

"""Photos and videos from citizens: only what is one by its first bytes, kept under names of our own, for us alone.

A photo that could not be shown later is refused when it is sent. One photo is decoded at a time, so that no number of
them, asked for at once, exhausts the server's memory.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from cases.evidence.disk import explain
from cases.faults import BadReasonError
from cases.redaction import redacted

MOST_FILES = 5
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 16
MOST_PIXELS = 60_000_000
MOST_WHOLE_PIXELS = 16_000_000
"""Of a PNG or a progressive JPEG, which no decoder shrinks while it reads."""
PREVIEW_PX = 320
PREVIEWS_KEPT = 500
_DECODING = Lock()
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
        BadReasonError: no file, too many, too large, neither photo nor video, or a photo that could not be shown.
        EvidenceError: the disk refuses.
    """
    if not 1 <= len(uploads) <= MOST_FILES:
        raise BadReasonError(
            f"hãy gửi từ 1 đến {MOST_FILES} ảnh hoặc video / files: expected 1 to {MOST_FILES}, got {len(uploads)}"
        )
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


def still(source: Path | bytes) -> tuple[bytes, tuple[int, int]]:
    """(JPEG, size_wh in px) of a citizen's photo: upright, its pixels and nothing else.

    Raises:
        BadReasonError: it is no photo, or a larger one than anybody can look at.
    """
    with _DECODING:
        picture = _upright(source)
        return _as_jpeg(picture), picture.size


def preview(path: Path) -> bytes:
    """A small JPEG of a photo in which nobody can be recognised: what a list shows before somebody opens the photo.

    Raises:
        BadReasonError: it is no photo. OSError: it cannot be read.
    """
    about = path.stat()
    return _preview(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=PREVIEWS_KEPT)
def _preview(path: Path, _written_ns: int, _size_bytes: int) -> bytes:
    return redacted(_as_jpeg(_small(path)), None)


def _small(path: Path) -> Image.Image:
    with _DECODING:
        return _upright(path, within_px=PREVIEW_PX)


def _upright(source: Path | bytes, *, within_px: int | None = None) -> Image.Image:
    """Without metadata; shrunk before anything else is made of it where `within_px` is given."""
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=("JPEG", "PNG")) as opened:
            _refuse_large(opened)
            if within_px is not None:
                opened.draft("RGB", (within_px, within_px))
                opened.thumbnail((within_px, within_px), reducing_gap=None)  # reduce() knows no 16-bit grey
            ImageOps.exif_transpose(opened, in_place=True)
            return opened if opened.mode == "RGB" else opened.convert("RGB")
    except _NO_PICTURE as error:
        raise BadReasonError("ảnh không đọc được / photo: cannot be read as JPEG or PNG") from error


def _refuse_large(opened: Image.Image) -> None:
    shrinks = opened.format != "PNG" and not opened.info.get("progressive")
    most = MOST_PIXELS if shrinks else MOST_WHOLE_PIXELS
    if opened.width * opened.height > most:
        size, most_mp = f"{opened.width} x {opened.height} px", most // 1_000_000
        raise BadReasonError(
            f"ảnh {size} quá lớn, loại này tối đa {most_mp} triệu điểm ảnh"
            f" / photo: {size} is too large, at most {most_mp} megapixels of this kind"
        )


def _as_jpeg(picture: Image.Image, *, quality: int = 95) -> bytes:
    data = BytesIO()
    picture.info.clear()  # a JPEG's comment would be taken over
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


def _keep(folder: Path, number: int, upload: Upload, largest_bytes: int) -> dict[str, Any]:
    path = folder / f"file-{number}"
    digest, size, head = hashlib.sha256(), 0, b""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        for chunk in upload.chunks:
            size += len(chunk)
            if size > largest_bytes:
                most_mb, name = largest_bytes >> 20, upload.name[:60]
                raise BadReasonError(f"tệp {name!r} lớn hơn {most_mb} MB / file {name!r}: larger than {most_mb} MB")
            head = (head + chunk)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    found = media_type(head)
    if found is None:
        raise BadReasonError(
            f"tệp {upload.name[:60]!r} không phải ảnh (JPEG, PNG) hay video (MP4, MOV, MKV, WebM)"
            f" / file {upload.name[:60]!r}: neither photo nor video of these kinds"
        )
    suffix, kind = found
    if kind.startswith("image/"):
        _small(path)
    path.rename(path.with_suffix(suffix))
    return {"name": f"file-{number}{suffix}", "media_type": kind, "size_bytes": size, "sha256": digest.hexdigest()}

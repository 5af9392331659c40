"""Whether a file breaks off inside one of its container's own parts, as a copy that was not finished does.

FFmpeg reads such files to their last whole packet without a word. Where the container names the length of its parts
(AVI's RIFF chunks, the boxes of MP4 and its kin) or all are of one length (transport streams), the file itself tells.
A cut that falls between two parts cannot be told so; duration may tell it (`file.py`).
"""

import struct
from pathlib import Path
from typing import BinaryIO

RIFF_HEADER, BOX_HEADER, LARGE_BOX_HEADER = 8, 8, 16
UNKNOWN_RIFF = (0, 0xFFFFFFFF)
"""What writers put there that never come back to write the length."""
SYNC = 0x47
PACKET_BYTES = (188, 192, 204)
"""Of a transport stream; with Blu-ray's time before each packet; with check bytes behind (ISO/IEC 13818-1)."""
SYNC_AT = {188: 0, 192: 4, 204: 0}
ALIKE = 5
"""So many packets in a row must begin with the sync byte."""
BOXES = (b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"free", b"skip", b"wide")
"""One of these comes first in a file of boxes."""


def breaks_off(path: Path) -> bool:
    """Whether the file ends before its container's last part does; False for containers that do not tell.

    False, too, for a file that can no longer be read: that is the reader's to say.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(PACKET_BYTES[-1] * ALIKE)
            if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
                return _riff_breaks_off(file, size)
            if head[4:8] in BOXES:
                return _boxes_break_off(file, size)
    except OSError:
        return False
    packet_bytes = _packet_bytes(head)
    return packet_bytes > 0 and size % packet_bytes != 0


def _riff_breaks_off(file: BinaryIO, size: int) -> bool:
    """Walks the RIFF chunks: one, or one more for each further gigabyte."""
    at = 0
    while at + RIFF_HEADER <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(RIFF_HEADER))
        if name != b"RIFF" or length in UNKNOWN_RIFF:
            return False
        at += RIFF_HEADER + length + length % 2
    # A writer may leave out the byte that makes the last chunk's length even.
    return at > size + 1


def _boxes_break_off(file: BinaryIO, size: int) -> bool:
    """Walks the boxes of the file's first level (ISO/IEC 14496-12)."""
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(LARGE_BOX_HEADER)
        length, name = int.from_bytes(header[:4], "big"), header[4:BOX_HEADER]
        if length == 1:
            length = int.from_bytes(header[BOX_HEADER:], "big")
        # No box: one that lasts to the file's end, or what some recorders leave behind the last.
        if length < BOX_HEADER or not (len(name) == 4 and name.isalnum()):
            return False
        at += length
    return at > size


def _packet_bytes(head: bytes) -> int:
    """The length of a transport stream's packets; 0 where it is none."""
    for length in PACKET_BYTES:
        syncs = head[SYNC_AT[length] :: length][:ALIKE]
        if len(syncs) == ALIKE and set(syncs) == {SYNC}:
            return length
    return 0

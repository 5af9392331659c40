"""Ways out of the house: VNeTraffic, VNeID, the registry of vehicles, payment.

None of them publishes an interface, so none is connected, and every answer says so. What exists is the manual mode:
what should go out is written into a folder, an officer carries it over and brings the answer back. A real connection
implements `Channel` and takes the place of `FileChannel` in `open_channels`.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from cases.canonical import utc_text
from cases.evidence.disk import explain

NOT_CONNECTED = "chưa kết nối, chuyển thủ công qua thư mục / not connected, carried by hand through a folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of something handed to a channel; `delivered` is only ever true for a connected one."""

    channel: str
    connected: bool
    delivered: bool
    reference: str
    status: str


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """Its code."""

    @property
    def words(self) -> str:
        """What it is for, Vietnamese and English."""

    @property
    def connected(self) -> bool:
        """Whether the other side is reached from here."""

    def hand_over(self, content: Mapping[str, Any], *, attachments: Mapping[str, bytes], now: datetime) -> Receipt:
        """Send, or lay out for sending; raises `EvidenceError` when that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChannel:
    """The manual mode: one folder for each thing to be carried over, with a `message.json` and its attachments."""

    name: str
    words: str
    folder: Path
    connected: bool = False

    def hand_over(self, content: Mapping[str, Any], *, attachments: Mapping[str, bytes], now: datetime) -> Receipt:
        """Lay out a message; the folder appears whole or not at all."""
        reference = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        target, draft = self.folder / self.name / reference, self.folder / self.name / f".{reference}"
        message = {"channel": self.name, "status": NOT_CONNECTED, "at": utc_text(now), **content}
        try:
            draft.mkdir(parents=True)
            for name, data in attachments.items():
                (draft / Path(name).name).write_bytes(data)
            (draft / "message.json").write_text(json.dumps(message, ensure_ascii=False, indent=1), encoding="utf-8")
            draft.rename(target)
        except OSError as error:
            raise explain(error, target) from error
        return Receipt(
            channel=self.name,
            connected=False,
            delivered=False,
            reference=f"{self.name}/{reference}",
            status=NOT_CONNECTED,
        )


_WORDS = {
    "vnetraffic": "VNeTraffic: gửi thông báo vi phạm / sending the notice",
    "vneid": "VNeID: gửi văn bản cho cá nhân / sending papers to a person",
    "registry": "Cơ quan đăng ký xe, đăng kiểm: xác minh chủ xe, gửi cảnh báo / owner of a plate, warnings",
    "payment": "Cổng dịch vụ công: thu tiền phạt / payment of fines",
}


def open_channels(folder: Path) -> dict[str, Channel]:
    """Every way out this installation has, by its code."""
    return {name: FileChannel(name=name, words=words, folder=folder) for name, words in _WORDS.items()}

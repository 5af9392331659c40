"""Acts on their way to a case, kept on disk from the moment they are established until the case stands.

In: a violation, the scene that judged it, the packets that show it. Out: one folder an act, written whole; after a kill
`unfiled` gives them back, so that nothing is lost that was a violation already. Called by the lane and writer threads.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detector.scene import parse_scene, scene_hash
from detector.types import ConfigError, Finding, SourceError, Violation
from pipelines.evidence import clip_windows
from pipelines.live.footage import RingFootage
from pipelines.live.frozen import ThawError, freeze, replace_file, thaw
from pipelines.live.journal import ERROR, note
from pipelines.live.reel import any_reel, read_reel, write_reel
from pipelines.live.ring import Kept
from pipelines.scene_file import SceneFile

_ACT = "act"
"""Written last of a folder: where it is, the packets are."""
AFTER_S = 1.0
"""Packets come in decoding order: one that is shown in time may follow one that is shown later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfiledAct:
    """An act that an earlier worker established and could not file any more; its packets stay on disk."""

    violation: Violation
    scene_file: SceneFile


class DamagedError(SourceError):
    """What was kept of an act cannot be read, now or later."""


class ActBox:
    """The folder of acts."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, violation: Violation, scene_file: SceneFile, footage: RingFootage) -> None:
        """Writes an act, or writes it anew with more footage.

        Raises:
            OSError: the disk refuses; what was kept before of the act stands.
        """
        folder, draft = self._root / violation.id, self._root / f".{violation.id}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            write_reel(_worth_keeping(footage, violation.finding), draft)
            content = {
                "violation": violation,
                "scene_path": str(scene_file.path),
                "scene_text": scene_file.text,
                "footage_name": footage.name,
                "shift_s": footage.shift_s,
                "interlaced": footage.interlaced,
            }
            replace_file(draft / _ACT, [freeze(content)])
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
        except Exception:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def footage(self, violation_id: str) -> RingFootage:
        """What an act was kept with.

        Raises:
            DamagedError: it cannot be read any more.
            OSError: it cannot be read now: the machine refuses.
        """
        folder = self._root / violation_id
        try:
            content = _content(folder)
            kept = read_reel(folder, strictly=True)
            footage = RingFootage(
                name=content["footage_name"],
                kept=kept,
                shift_s=content["shift_s"],
                interlaced=content.get("interlaced", False),
            )
        except (FileNotFoundError, NotADirectoryError, ThawError, KeyError, TypeError) as error:
            raise DamagedError(f"{folder}: kept packets cannot be read any more ({error})") from error
        if not kept and any_reel(folder):
            raise DamagedError(f"{folder}: no packet can be read any more; the folder is left for inspection")
        return footage

    def drop(self, violation_id: str) -> None:
        """Its case stands, or never will."""
        shutil.rmtree(self._root / violation_id, ignore_errors=True)

    def unfiled(self) -> Iterator[UnfiledAct]:
        """What an earlier worker left, without its packets: after a long outage there are hundreds of acts.

        What cannot be read is named in the log and left where it is.
        """
        for draft in self._root.glob(".*"):
            self._settle(draft)
        for folder in sorted(self._root.glob("*")):
            try:
                act = _read(folder)
            except (OSError, ThawError, ConfigError, KeyError, TypeError) as error:
                note(ERROR, "act-unreadable", folder=folder, problem=str(error) or type(error).__name__)
            else:
                yield act

    def _settle(self, draft: Path) -> None:
        """What a kill left half done: a draft that is whole takes the place of what it was to replace."""
        if (draft / _ACT).exists():
            folder = self._root / draft.name.removeprefix(".").removesuffix(".draft")
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                draft.rename(folder)
        else:
            shutil.rmtree(draft, ignore_errors=True)


def _content(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = thaw((folder / _ACT).read_bytes())
    return content


def _read(folder: Path) -> UnfiledAct:
    content = _content(folder)
    path, text = Path(content["scene_path"]), content["scene_text"]
    scene = parse_scene(text, name=str(path))
    return UnfiledAct(
        violation=content["violation"],
        scene_file=SceneFile(path=path, text=text, scene=scene, hash=scene_hash(scene), reference=None),
    )


def _worth_keeping(footage: RingFootage, finding: Finding) -> list[Kept]:
    """All packets of the clips' windows, of the time between keyframes alone."""
    windows = [(first_s + footage.shift_s, last_s + footage.shift_s) for _, first_s, last_s in clip_windows(finding)]
    kept: list[Kept] = []
    for group in _groups(footage.kept):
        first_s, last_s = group[0].t_s, max(one.t_s for one in group)
        shown = any(first_s <= until_s and last_s >= since_s for since_s, until_s in windows)
        kept += group if shown else group[:1]
    return _from_last_before(kept, windows[0][0])


def of_use(footage: RingFootage, finding: Finding) -> RingFootage:
    """Footage without what lies before and after an act: what waits for its evidence must not hold whole rings."""
    windows = list(clip_windows(finding))
    last_s = windows[-1][2] + footage.shift_s
    kept = _from_last_before(footage.kept, windows[0][1] + footage.shift_s)
    return replace(footage, kept=tuple(one for one in kept if one.t_s <= last_s + AFTER_S))


def _from_last_before(kept: Sequence[Kept], since_s: float) -> list[Kept]:
    """Without what lies wholly before, but for the last keyframe there."""
    before = [i for i, one in enumerate(kept) if one.packet.is_keyframe and one.t_s <= since_s]
    return list(kept[before[-1] if before else 0 :])


def _groups(kept: Sequence[Kept]) -> Iterator[list[Kept]]:
    """Groups of pictures: a keyframe and what depends on it."""
    group: list[Kept] = []
    for one in kept:
        if one.packet.is_keyframe and group:
            yield group
            group = []
        group.append(one)
    if group:
        yield group

"""What one connection's decoder is given, packet by packet: no more than the looks need that are due now.

Where keyframes do it gets those alone; where the stream comes late too; where frames are shown in the order they come
in, packets wait until a look is due; and where nothing moves some looks that are due are left out (see `dozing`). In:
packets with their times. Out: those to decode now, and whether all must come out at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from av.video.stream import VideoStream

from pipelines.live.backlog import Backlog
from pipelines.live.clock import Reading
from pipelines.live.dozing import Doze
from pipelines.live.gating import LiveGate
from pipelines.live.keyframes import Feed, KeyframePace
from pipelines.live.ring import VideoPacket
from pipelines.live.shedding import Shedding
from pipelines.live.slots import Slots
from pipelines.video.tails import starts_afresh

OWED_S = 1.0
"""When something begins to move, the due frames of so long before it are looked at after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diet:
    """What is asked of a stream's pictures.

    Attributes:
        standing_alone: all rules are on standing, so that keyframes do where they come often enough.
        gate: judges what is decoded; None: every due frame is decoded.
        on_shed: told of frames that were due but are not decoded, because the stream comes late.
        on_doze: told how many are not because nothing moves.
    """

    standing_alone: bool = False
    gate: LiveGate | None = None
    on_shed: Callable[[], None] = lambda: None
    on_doze: Callable[[int], None] = lambda _frames: None


class Feeding:
    """One connection's.

    Args:
        stream: whose packets come; its frames may come in another order than they are shown.
        diet: what is asked.
        slots: which frames are due.
    """

    def __init__(self, stream: VideoStream, diet: Diet, slots: Slots) -> None:
        self._stream = stream
        self._diet = diet
        self._slots = slots
        self._in_order = not stream.codec_context.has_b_frames
        self._pace = KeyframePace(wanted=diet.standing_alone)
        self._shedding = Shedding()
        self._backlog = Backlog()
        self._doze: Doze | None = None
        self.restart()

    def restart(self) -> None:
        """A new epoch: what waits belongs to a time that is over, and sizes are learned anew."""
        self._backlog.clear()
        self._doze = Doze(self._diet.gate) if self._in_order and self._diet.gate is not None else None

    @property
    def asleep(self) -> bool:
        """The due frame before was left out."""
        return self._doze is not None and self._doze.asleep

    def hear(self, packet: VideoPacket, reading: Reading, *, by_arrival: bool) -> tuple[list[VideoPacket], bool]:
        """What is decoded now that one more packet has come, and whether the decoder must give all that it holds.

        Args:
            packet: in the order of decoding.
            reading: its time.
            by_arrival: times are those of arrival.
        """
        keyframe = bool(packet.is_keyframe)
        meant = self._pace.hear(reading.t_s, keyframe=keyframe)
        feed = self._shedding.hear(meant, reading.late_s, keyframe=keyframe)
        if feed is Feed.NOTHING:
            if meant is not Feed.NOTHING and self._slots.misses(reading.t_s):
                self._diet.on_shed()
            return [], False
        due = not self._in_order or by_arrival or self._slots.opens(reading.t_s)
        if self._doze is not None and not by_arrival and feed is Feed.PACKET:
            due = self._awake(self._doze, packet, reading.t_s, due=due)
        # What a decoder holds back to reorder frames must not wait for the next keyframe.
        return self._backlog.add(packet, due=due, dozes=self.asleep), feed is Feed.KEYFRAME

    def _awake(self, doze: Doze, packet: VideoPacket, t_s: float, *, due: bool) -> bool:
        """Whether it is due and not left out."""
        keyframe = bool(packet.is_keyframe)
        fresh = keyframe and starts_afresh(packet, self._stream)
        doze.hear(t_s, packet.size, keyframe=keyframe, fresh=fresh)
        asleep = due and doze.leaves(t_s, keyframe=keyframe)
        if asleep:
            self._slots.leave(t_s)
        elif due or keyframe:
            # What lies before a keyframe is gone; what came just before a change is looked at late rather than never.
            self._diet.on_doze(self._slots.recall(t_s if keyframe else t_s - OWED_S))
        return due and not asleep

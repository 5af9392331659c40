"""What one connection's decoder is given, packet by packet: no more than the looks need that are due now.

Where keyframes do it gets those alone; where the stream comes late too; where frames are shown in the order they come
in, packets wait until a look is due; and where nothing moves some looks that are due are left out (see `dozing`). In:
packets with their times. Out: those to decode now, and whether all must come out at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from av.video.stream import VideoStream

from detector.gate.sizes import SizeGate
from detector.lane import LONGEST_HOLE_S
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
WAKING_S = 3.0
"""So long after a group of pictures was decoded at once the stream may be late for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diet:
    """What is asked of a stream's pictures.

    Attributes:
        standing_alone: all rules are on standing, so that keyframes do where they come often enough.
        gate: judges what is decoded; None: every due frame is decoded.
        on_shed: told of frames that were due but are not decoded, because the stream comes late.
        on_doze: told how many are not because nothing moves.
        seed: the camera's, of what is drawn at random.
    """

    standing_alone: bool = False
    gate: LiveGate | None = None
    on_shed: Callable[[], None] = lambda: None
    on_doze: Callable[[int], None] = lambda _frames: None
    seed: str = ""


@dataclass(slots=True)
class KnownSizes:
    """What sizes of packets tell of one stream, by the share of its rate; known over short losses of its connection.

    Attributes:
        encoder: what the stream says of itself: with other words it is set otherwise.
        heard_s: when the last packet came.
        gates: by share.
    """

    encoder: tuple[object, ...] = ()
    heard_s: float = float("-inf")
    gates: dict[float, SizeGate] = field(default_factory=dict)

    def meet(self, stream: VideoStream, t_s: float) -> None:
        """A connection's first packet: another encoder, or one that was gone for long, is learned anew."""
        context = stream.codec_context
        encoder = (context.name, bytes(context.extradata or b""), stream.width, stream.height)
        if encoder != self.encoder or t_s - self.heard_s > LONGEST_HOLE_S:
            self.gates.clear()
        self.encoder = encoder


class Feeding:
    """One connection's.

    Args:
        stream: whose packets come; its frames may come in another order than they are shown.
        diet: what is asked.
        slots: which frames are due.
        patient: packets wait while a whole group of pictures is decoded at once. Where they do not (UDP) none is ever
            left undecoded, for what is lost meanwhile is the evidence of the beginning.
        known: what an earlier connection to the same stream left.
    """

    def __init__(
        self, stream: VideoStream, diet: Diet, slots: Slots, *, patient: bool, known: KnownSizes | None = None
    ) -> None:
        self._stream = stream
        self._diet = diet
        self._slots = slots
        self._in_order = not stream.codec_context.has_b_frames
        self._patient = patient
        self._pace = KeyframePace(wanted=diet.standing_alone)
        self._shedding = Shedding()
        self._backlog = Backlog()
        self._doze: Doze | None = None
        self._epoch, self._share = 0, slots.share
        self._known = known or KnownSizes()
        self._heard = False
        self._woke_s = float("-inf")
        self.restart(0)

    def restart(self, epoch: int) -> None:
        """A new epoch: what waits belongs to a time that is over; within a connection sizes are learned anew."""
        self._epoch = epoch
        self._woke_s = float("-inf")
        self._backlog.clear()
        if self._heard:
            self._known.gates.clear()
        self._change_rate()

    def _change_rate(self) -> None:
        """Levels at another rate are means over other packets; what was learned at this one before is still known."""
        self._share = self._slots.share
        self._diet.on_doze(self._slots.forget())
        gate = self._diet.gate if self._in_order and self._patient else None
        if gate is None:
            self._doze = None
            return
        gates = self._known.gates
        sizes = gates.setdefault(self._share, SizeGate(seed=f"{self._diet.seed}/{self._epoch}/{self._share}"))
        sizes.pause()
        self._doze = Doze(gate, sizes)

    @property
    def asleep(self) -> bool:
        """The due frame before was left out."""
        return self._doze is not None and self._doze.asleep

    def next_s(self, t_s: float) -> float | None:
        """When a packet comes next that is decoded, where none is before it; behind that of `t_s`."""
        next_s = self._pace.next_s
        return next_s if next_s is not None and next_s > t_s else None

    def hear(self, packet: VideoPacket, reading: Reading, *, by_arrival: bool) -> tuple[list[VideoPacket], bool]:
        """What is decoded now that one more packet has come, and whether the decoder must give all that it holds.

        Args:
            packet: in the order of decoding.
            reading: its time.
            by_arrival: times are those of arrival.
        """
        if not self._heard:
            self._known.meet(self._stream, reading.t_s)
            self._heard = True
            self._change_rate()
        self._known.heard_s = reading.t_s
        keyframe = bool(packet.is_keyframe)
        meant = self._pace.hear(reading.t_s, keyframe=keyframe)
        patient = reading.t_s - self._woke_s < WAKING_S
        feed = self._shedding.hear(meant, reading.late_s, keyframe=keyframe, patient=patient)
        if self._doze is not None and self.asleep and feed is not Feed.PACKET:
            self._doze.wake()
            self._diet.on_doze(self._slots.forget())
        if feed is Feed.NOTHING:
            if meant is not Feed.NOTHING and self._slots.misses(reading.t_s):
                self._diet.on_shed()
            return [], False
        due = not self._in_order or by_arrival or self._slots.opens(reading.t_s)
        if self._doze is not None and not by_arrival and feed is Feed.PACKET:
            if self._share != self._slots.share:
                self._change_rate()
            due = self._awake(self._doze, packet, reading.t_s, due=due)
        # What a decoder holds back to reorder frames must not wait for the next keyframe.
        return self._backlog.add(packet, due=due, dozes=self.asleep), feed is Feed.KEYFRAME

    def _awake(self, doze: Doze, packet: VideoPacket, t_s: float, *, due: bool) -> bool:
        """Whether it is due and not left out."""
        keyframe = bool(packet.is_keyframe)
        fresh = keyframe and starts_afresh(packet, self._stream)
        doze.hear(t_s, packet.size, keyframe=keyframe, fresh=fresh)
        slept = doze.asleep
        due = due or (keyframe and slept)
        if due and doze.leaves(t_s, keyframe=keyframe):
            self._slots.leave(t_s)
            return False
        if due and slept:
            self._wake(doze, t_s, keyframe=keyframe)
        return due

    def _wake(self, doze: Doze, t_s: float, *, keyframe: bool) -> None:
        """What lies before a keyframe is gone; what came just before a change is looked at late rather than never."""
        changed = doze.changed and not keyframe
        self._diet.on_doze(self._slots.recall(t_s - OWED_S) if changed else self._slots.forget())
        if keyframe:
            self._slots.owe(t_s)
        else:
            self._woke_s = t_s

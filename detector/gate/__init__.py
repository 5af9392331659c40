"""Which pictures are worth a look: where nothing has changed since the last look, the network would see the same."""

from detector.gate.motion import MotionGate
from detector.gate.need import KEYFRAME_S, Need, kinds_beyond, need_of
from detector.gate.settings import GateSettings

__all__ = ["KEYFRAME_S", "GateSettings", "MotionGate", "Need", "kinds_beyond", "need_of"]

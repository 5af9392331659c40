"""Recorded footage as frames with trustworthy times, exact stills and clips of the camera's own packets."""

from pipelines.video.clip import ClipWindow, cut_clip
from pipelines.video.recording import Recording, open_recording
from pipelines.video.source import FrameSource, ReadCounters, ResumePoint, SourceFrame, open_source
from pipelines.video.stills import Still, stills_at
from pipelines.video.thrift import WHOLE, Thrift

__all__ = [
    "WHOLE",
    "ClipWindow",
    "FrameSource",
    "ReadCounters",
    "Recording",
    "ResumePoint",
    "SourceFrame",
    "Still",
    "Thrift",
    "cut_clip",
    "open_recording",
    "open_source",
    "stills_at",
]

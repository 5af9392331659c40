"""How far apart a recording's keyframes are: where they are near enough, rules on standing need no other frames."""

from contextlib import suppress

import av.error

from pipelines.video.recording import Recording, TimeField, open_container, video_stream


def longest_gap_s(recording: Recording) -> float:
    """The longest time from a keyframe to the next, or to the end, read from the packets without decoding any.

    Infinite where that cannot be told: pictures, recordings without trustworthy times, joined or broken ones.

    Raises:
        SourceError: the file has gone.
    """
    if recording.pictures or recording.times is not TimeField.PTS or recording.joined:
        return float("inf")
    longest, last_key, last = 0, None, 0
    with open_container(recording.path) as container:
        stream = video_stream(container, recording.path)
        with suppress(av.error.FFmpegError):
            for packet in container.demux(stream):
                if packet.pts is None:
                    continue
                last = max(last, packet.pts)
                if packet.is_keyframe:
                    longest = max(longest, 0 if last_key is None else packet.pts - last_key)
                    last_key = packet.pts
        if last_key is None:
            return float("inf")
        return max(longest, last - last_key) * float(stream.time_base or 0)

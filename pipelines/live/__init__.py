"""Live cameras: streams in, the same detector, rules, evidence and cases as recordings, until somebody stops it.

One process, many cameras: a reading thread per stream, one thread that feeds the shared network, one that steps the
lanes, one that files violations. Latest frame wins; drops are counted; only the queue of violations may block.
"""

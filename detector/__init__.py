"""Decides: detections of one camera go in, violations come out.

Everything here except `detector.inference` is pure: numpy arrays and one camera's scene in, verdicts out.
No files, sockets, threads, clocks or databases; import-linter holds it to that.
"""

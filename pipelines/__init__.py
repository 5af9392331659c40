"""Moves: recordings and streams in, observations through the detector, evidence and cases out. Never HTTP."""

"""Plates: renders, the two networks (finder and reader), their training, export and measuring."""

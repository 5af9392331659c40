"""Vietnamese number plates: what may stand on one, what a network's output says, and when that is sure enough.

Pure: numpy in, readings out. The networks run in `detector/inference/plates.py`.
"""

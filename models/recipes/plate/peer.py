"""RapidOCR on the same crops in the same run: the peer that the own reader has to beat.

In: the Python of an environment with `rapidocr-onnxruntime` (it is no part of the product), and crops that were
read. Out, printed: exact plates of both on the same crops. RapidOCR gets what suits it: two-row crops
with a margin, their lines joined top to bottom, one-row crops straight to its recogniser, and all repaired by the
grammar (`detector.plates.confusion`), so that it is not beaten by spelling or framing alone.

    pip install rapidocr-onnxruntime
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from detector.plates.alphabet import normalised
from detector.plates.confusion import readings
from models.recipes.plate.measure import Answer, shown_share

READ = """
import cv2, json, sys, time
from rapidocr_onnxruntime import RapidOCR
reader = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
texts, started = [], time.process_time()
for path in json.load(sys.stdin):
    image = cv2.imread(path)
    height, width = image.shape[:2]
    if width > 2.6 * height:
        # Its finder of lines breaks a tightly cut row into pieces; its recogniser alone reads the row well.
        lines, _ = reader(image, use_det=False, use_cls=False)
        texts.append("".join(line[0] for line in lines or []))
        continue
    image = cv2.copyMakeBorder(image, *[height // 10] * 2, *[width // 10] * 2, cv2.BORDER_REPLICATE)
    lines, _ = reader(image)
    lines = sorted(lines or [], key=lambda line: sum(point[1] for point in line[0]))
    texts.append("".join(line[1] for line in lines))
json.dump({"texts": texts, "ms": (time.process_time() - started) / max(len(texts), 1) * 1000}, sys.stdout)
"""


def read_with_rapidocr(python: Path, name: str, answers: Sequence[Answer], count: int) -> None:
    """Prints rows of the table for the first `count` crops: RapidOCR, RapidOCR with the grammar, and the own reader."""
    chosen = [answer for answer in answers if answer.crop.path is not None][:count]
    paths = json.dumps([str(answer.crop.path) for answer in chosen])
    done = subprocess.run([str(python), "-c", READ], input=paths, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout[done.stdout.index('{"texts"') :])
    plain = [normalised(text) for text in result["texts"]]
    repaired = [(readings(text) or (text,))[0] for text in plain]
    for who, texts in (("RapidOCR", plain), ("RapidOCR, repaired by the grammar", repaired)):
        right = sum(text == answer.crop.text for text, answer in zip(texts, chosen, strict=True))
        print(f"| {name}, first {len(chosen)}: {who} | | {shown_share(right, len(chosen))} |")
    own = sum(answer.right for answer in chosen)
    print(f"| {name}, first {len(chosen)}: own | | {shown_share(own, len(chosen))} |")
    print(f"| {name}: RapidOCR | | {result['ms']:.0f} ms of CPU a crop |")

"""Teach the COCO network's class branch how Vietnamese two-wheelers look from near; the rest of it stays.

`detector/inference/near.py` asks the result whether somebody accused of riding a motorcycle rides a bicycle.
The street detector cannot say: its labels know no bicycles, so it has half forgotten them. Here only the class branch
learns, from square crops around one road user. Motorcycles of the labels are motorcycles; what else the labels or the
start are sure of is none; for the rest the start's answers to clean crops are the lesson while ours are degraded. In:
the COCO network (`dequantise.py`), label files of `label.py`, folders of further pictures. Out, every epoch:
`RUN/near.pt`; a run begun again goes on.

    python -m models.recipes.near --start coco.pt --labels train.jsonl --pictures DIR --run RUN
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchvision.ops import box_convert, box_iou
from ultralytics.nn.tasks import DetectionModel

from models.recipes.degrade import degrade
from models.recipes.frames import Frame, read_frames
from models.recipes.network import (
    CLASSES,
    Boxes,
    Image,
    build_network,
    detect,
    input_size,
    load_network,
    raw_floats,
    save_network,
    street_head,
    write_checkpoint,
)
from models.recipes.quicken import unlabelled

INPUT_PX = 320
FILL = 1 / 3
"""The road user's longer side, as a share of the crop's."""
FILL_JITTER = 0.2
TAKEN_FOR = 0.45
"""IoU from which an anchor's box is the road user of the crop."""
SIDE_MIN_PX = 16.0
PERSON, BICYCLE, MOTORCYCLE = 0, 1, 2
TWO_WHEELERS = [BICYCLE, MOTORCYCLE]
RIDES = 0.3
"""Share of a person's box inside a two-wheeler's from which they ride it."""
DOUBTED = 0.25
"""Score from which the start's word for a bicycle outweighs a label that says motorcycle."""
TAUGHT_SCORE = 0.3
LOGIT_MIN = -6.0
LEAD, OWN, RULED_OUT = 3.0, 0.5, -2.0
"""Log-odds by which a two-wheeler's class must lead the other, its own, and both classes' of what is neither."""
BATCH, RATE, SEED = 16, 3e-4, 20
OTHERS_AN_EPOCH = 1500


@dataclass(frozen=True, slots=True)
class Subject:
    """One road user in one frame: its class; box `x1 y1 x2 y2` in 0..1."""

    frame: Frame
    kind: int
    box: tuple[float, float, float, float]


def crop_around(subject: Subject, fill: float, mirrored: bool) -> tuple[Image, Tensor]:
    """Return the square crop (320, 320, 3) of which the subject fills `fill`, and its box (4,) there in px."""
    frame = subject.frame
    stored = np.array(frame.image.shape[1::-1], float)
    true = np.array(frame.size_wh, float)
    corners = np.array(subject.box).reshape(2, 2)
    centre = corners.mean(0)
    side = float(((corners[1] - corners[0]) * true).max()) / fill
    scale = INPUT_PX / side * true / stored
    flip = np.array([-1.0 if mirrored else 1.0, 1.0])
    matrix = np.column_stack([np.diag(scale * flip), INPUT_PX / 2 - centre * stored * scale * flip])
    way = cv2.INTER_AREA if scale.max() < 1 else cv2.INTER_LINEAR
    crop = cv2.warpAffine(frame.image, matrix, (INPUT_PX, INPUT_PX), flags=way, borderValue=(114, 114, 114))
    box = np.sort(corners * stored * scale * flip + matrix[:, 2], axis=0)
    return np.asarray(crop, np.uint8), torch.tensor(box.reshape(4), dtype=torch.float32)


def subjects_of(frames: list[Frame]) -> list[Subject]:
    """Return the road users of frames that are large enough to be told from near; riders belong to what they ride."""
    found = []
    for frame in frames:
        ridden = [row[1:] for row in frame.boxes.tolist() if int(row[0]) in TWO_WHEELERS]
        for kind, *box in frame.boxes.tolist():
            sides = np.array([box[2] - box[0], box[3] - box[1]]) * frame.size_wh
            rides = int(kind) == PERSON and any(_inside(box, other) > RIDES for other in ridden)
            if sides.max() >= SIDE_MIN_PX and not rides:
                found.append(Subject(frame, int(kind), (*box,)))
    return found


def _inside(box: list[float], other: list[float]) -> float:
    """How much of a box lies in another, 0..1."""
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    return max(wide, 0.0) * max(high, 0.0) / max((box[2] - box[0]) * (box[3] - box[1]), 1e-12)


def taught(frames: list[Frame], start: DetectionModel) -> list[Frame]:
    """Return unlabelled frames with what the start finds in them."""
    found = []
    for frame in frames:
        boxes: Boxes = detect(start, frame.image, input_size(frame.image, 1152), TAUGHT_SCORE)
        size = np.array([frame.image.shape[1], frame.image.shape[0]] * 2, np.float32)
        rows = np.column_stack([boxes[:, 5], boxes[:, :4] / size]).astype(np.float32)
        found.append(Frame(frame.image, frame.size_wh, frame.clip, rows, frame.unsure))
    return found


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch: clean crops (n, 3, 320, 320), the same degraded, boxes (n, 4) px, classes (n,)."""

    clean: Tensor
    seen: Tensor
    boxes: Tensor
    kinds: Tensor


def lessons(subjects: list[Subject], epoch: int) -> Iterator[Lesson]:
    """Yield an epoch's batches: every two-wheeler, and some of the others."""
    rng = np.random.default_rng((SEED, epoch))
    two = [subject for subject in subjects if subject.kind in TWO_WHEELERS]
    others = [subject for subject in subjects if subject.kind not in TWO_WHEELERS]
    some = rng.permutation(len(others))[:OTHERS_AN_EPOCH]
    chosen = [*two, *(others[int(index)] for index in some)]
    order = rng.permutation(len(chosen))
    for begin in range(0, len(order), BATCH):
        yield _lesson([chosen[int(index)] for index in order[begin : begin + BATCH]], rng)


def _lesson(subjects: list[Subject], rng: np.random.Generator) -> Lesson:
    clean, seen, boxes = [], [], []
    for subject in subjects:
        fill = FILL * float(np.exp(rng.normal(0, FILL_JITTER)))
        crop, box = crop_around(subject, fill, mirrored=bool(rng.random() < 0.5))
        clean.append(crop)
        seen.append(degrade(crop, rng))
        boxes.append(box)
    kinds = torch.tensor([subject.kind for subject in subjects])
    return Lesson(_stacked(clean), _stacked(seen), torch.stack(boxes), kinds)


def _stacked(crops: list[Image]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.stack(crops)[..., ::-1].transpose(0, 3, 1, 2)))


class Pupil:
    """The network whose class branch learns, the start it follows, and the optimiser."""

    def __init__(self, start: DetectionModel) -> None:
        self.start = start
        self.network = build_network()
        self.network.load_state_dict(start.state_dict())
        self.network.requires_grad_(False)
        self.branch = self.network.model[-1].cv3
        self.branch.requires_grad_(True)
        self.optimiser = torch.optim.AdamW(self.branch.parameters(), lr=RATE, weight_decay=0.0)
        # In training mode the head gives raw scores and boxes; nothing in either network changes with the mode.
        self.start.model[-1].train()
        self.network.model[-1].train()

    def learn(self, lesson: Lesson) -> Tensor:
        """Take one step; return how wrong two-wheelers are told, and how far all else is from the start."""
        with torch.no_grad():
            told = raw_floats(self.start, lesson.clean)
            at = self._anchors(told, lesson.boxes)
            wanted = told["scores"].clamp(min=LOGIT_MIN)
        ours = raw_floats(self.network, lesson.seen)["scores"]
        theirs_best, best = _best(wanted, at), _best(ours, at)
        bicycle, motorcycle = theirs_best[:, BICYCLE], theirs_best[:, MOTORCYCLE]
        mislabelled = (lesson.kinds == MOTORCYCLE) & (bicycle.sigmoid() > DOUBTED) & (bicycle > motorcycle)
        sure = at.any(1) & ~mislabelled
        wrong = shortfall(best, lesson.kinds)
        labelled = (wrong * sure).sum() / sure.sum().clamp(min=1)
        free = torch.ones_like(ours, dtype=torch.bool)
        free[:, TWO_WHEELERS] &= ~(at & sure[:, None])[:, None, :]
        distance = nn.functional.smooth_l1_loss(ours.clamp(min=LOGIT_MIN), wanted, reduction="none")
        weight = free * (1.0 + 20.0 * at[:, None, :])
        apart = (distance * weight).sum() / weight.sum()
        total = labelled + 10 * apart
        self.optimiser.zero_grad()
        torch.autograd.backward(total)
        self.optimiser.step()
        return torch.stack([labelled.detach(), apart.detach()])

    def _anchors(self, told: dict[str, Tensor], boxes: Tensor) -> Tensor:
        """Which anchors (n, a) the start boxes as the crop's road user."""
        head = self.start.model[-1]
        head.eval()
        decoded = torch.as_tensor(head._inference({key: told[key] for key in ("boxes", "scores", "feats")}))
        head.train()
        found = box_convert(decoded[:, :4].transpose(1, 2), "cxcywh", "xyxy")
        return torch.stack([box_iou(one, box[None])[:, 0] > TAKEN_FOR for one, box in zip(found, boxes, strict=True)])


def shortfall(best: Tensor, kinds: Tensor) -> Tensor:
    """Return how far log-odds (n, c) of crops of classes `kinds` (n,) fall short of telling two-wheelers apart.

    What is told clearly enough is not pushed further: pushed to certainty, riders never seen follow the motorcycles.
    """
    bicycle, motorcycle = best[:, BICYCLE], best[:, MOTORCYCLE]
    lead = torch.where(kinds == BICYCLE, bicycle - motorcycle, motorcycle - bicycle)
    own = torch.where(kinds == BICYCLE, bicycle, motorcycle)
    two = nn.functional.relu(LEAD - lead) + nn.functional.relu(OWN - own)
    other = nn.functional.relu(motorcycle - RULED_OUT) + nn.functional.relu(bicycle - RULED_OUT)
    return torch.where((kinds == BICYCLE) | (kinds == MOTORCYCLE), two, other)


def _best(scores: Tensor, at: Tensor) -> Tensor:
    """Each class's best log-odds (n, c) among the anchors `at` (n, a); the least there is where there is none."""
    return scores.masked_fill(~at[:, None, :], LOGIT_MIN).amax(2)


def train(pupil: Pupil, subjects: list[Subject], run: Path, epochs: int) -> None:
    """Train up to `epochs`, saving each; an earlier run of the folder goes on where it was."""
    last = run / "last.pt"
    begun = 0
    if last.is_file():
        state = torch.load(last, weights_only=True)
        begun = state["epoch"]
        pupil.network.load_state_dict(state["network"])
        pupil.optimiser.load_state_dict(state["optimiser"])
    for epoch in range(begun, epochs):
        losses = torch.stack([pupil.learn(lesson) for lesson in lessons(subjects, epoch)]).mean(0)
        save_network(run / "near.pt", pupil.network, len(CLASSES))
        parts = {"network": pupil.network.state_dict(), "optimiser": pupil.optimiser.state_dict()}
        write_checkpoint(last, {"epoch": epoch + 1, **parts})
        print(f"epoch {epoch + 1}: two-wheelers {losses[0]:.3f}, apart {losses[1]:.4f}", file=sys.stderr, flush=True)


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="the de-quantised COCO network")
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=Path, nargs="*", default=[])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    start = build_network()
    start.load_state_dict(street_head(load_network(arguments.start).state_dict()))
    start.eval()
    labelled = [frame for path in arguments.labels for frame in read_frames(path)]
    free = taught([frame for folder in arguments.pictures for frame in unlabelled(folder)], start)
    subjects = subjects_of([*labelled, *free])
    train(Pupil(start), subjects, arguments.run, arguments.epochs)


if __name__ == "__main__":
    main()

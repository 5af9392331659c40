"""Take the finder of lines of print from RapidOCR's package into the registry: PP-OCRv4's, converted to OpenVINO.

In: the wheel, or the folder it was unpacked into. Out: `models/weights/line-n/`, half precision, for one input size,
with what PP-OCR expects of colours and values made part of the graph; and its entry in the registry. Weights by
PaddleOCR (Baidu), Apache-2.0, nothing trained or changed in them: a mechanical conversion.

    pip download --no-deps rapidocr-onnxruntime==1.4.4
    python -m models.recipes.plate.import_lines --package rapidocr_onnxruntime-1.4.4-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from zipfile import ZipFile

from detector.inference.private_openvino import ColorFormat, PrePostProcessor, ov
from models.recipes.plate.export import save

NAME = "line-n"
INPUT_WH = (512, 512)
PART = "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx"
SHA256 = "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"


def onnx_of(package: Path) -> bytes:
    """The network's file as the package holds it.

    Raises:
        ValueError: it is not the one that was measured.
    """
    if package.is_dir():
        data = (package / PART).read_bytes()
    else:
        with ZipFile(package) as wheel:
            data = wheel.read(PART)
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ValueError(f"{package}: {PART} has SHA-256 {found}, expected {SHA256}; take rapidocr-onnxruntime 1.4.4")
    return data


def converted(onnx: bytes) -> ov.Model:
    """The network for one picture of `INPUT_WH`, RGB 0..1, as the product's graphs are fed."""
    model = ov.Core().read_model(onnx, b"")
    model.reshape([1, 3, INPUT_WH[1], INPUT_WH[0]])
    steps = PrePostProcessor(model)
    picture = steps.input()
    picture.tensor().set_layout(ov.Layout("NCHW")).set_color_format(ColorFormat.RGB)
    picture.model().set_layout(ov.Layout("NCHW"))
    picture.preprocess().convert_color(ColorFormat.BGR).mean([0.5] * 3).scale([0.5] * 3)
    return steps.build()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True, help="wheel of rapidocr-onnxruntime 1.4.4 or its folder")
    args = parser.parse_args()
    save(converted(onnx_of(args.package)), NAME)


if __name__ == "__main__":
    main()

"""Running networks: pictures in, `Detections` in full-frame pixels out.

The only part of `detector` that knows cv2, OpenVINO, torch or files. Backends are imported when opened, so nothing
pays for a library it does not use.
"""

from detector.inference.backend import Backend, detect_all
from detector.inference.letterbox import Letterbox
from detector.inference.open import open_backend
from detector.inference.picture import Picture
from detector.inference.registry import Network, Registry, default_registry_path, load_registry, load_registry_in_use

__all__ = [
    "Backend",
    "Letterbox",
    "Network",
    "Picture",
    "Registry",
    "default_registry_path",
    "detect_all",
    "load_registry",
    "load_registry_in_use",
    "open_backend",
]

"""Evidence: written first, hashed, made visible as a whole, checked again at any time without a database.

with store.begin(violation.id) as writer:
    writer.add_bytes("before.jpg", "image/jpeg", jpeg)
    writer.add_file("clip.mp4", "video/mp4", clip_path)
    bundle = writer.seal(bundle_facts(violation=violation, scene=scene, scene_text=text, network=..., source=...))
"""

from cases.evidence.facts import NetworkRef, SourceRef, bundle_facts, violation_dump
from cases.evidence.folder import FolderStore
from cases.evidence.manifest import MANIFEST_NAME, SIGNATURE_NAME, Item, Manifest
from cases.evidence.store import BundleRef, BundleWriter, EvidenceStore
from cases.evidence.verify import Fault, VerifyReport, verify_bundle

__all__ = [
    "MANIFEST_NAME",
    "SIGNATURE_NAME",
    "BundleRef",
    "BundleWriter",
    "EvidenceStore",
    "Fault",
    "FolderStore",
    "Item",
    "Manifest",
    "NetworkRef",
    "SourceRef",
    "VerifyReport",
    "bundle_facts",
    "verify_bundle",
    "violation_dump",
]

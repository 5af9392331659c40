"""The evidence store in an S3-compatible bucket: `PREFIX/yyyy/mm/VIOLATION_ID/`, visible once its manifest is there.

Bundles grow and are signed in a local staging folder exactly as in a folder store, then their items go up and the
manifest last, so a crash leaves no half bundle that anybody sees. What is read comes through a local cache; items are
checked against their manifest when verified, not trusted because they were cached.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from cases.evidence.disk import explain
from cases.evidence.folder import FolderStore
from cases.evidence.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from cases.evidence.store import BundleRef
from cases.evidence.writer import FolderWriter
from cases.faults import StoreUnavailableError
from cases.signing import KeyRing
from detector.types import ConfigError, EvidenceError

T = TypeVar("T")
MISSING = ("404", "NoSuchKey", "NotFound")


class BucketStore:
    """Sealed bundles in a bucket that exists; `cache` is a local folder for staging and for what was read."""

    def __init__(self, url: str, *, cache: Path, keys: KeyRing | None = None) -> None:
        self._client, self._bucket, self._prefix = _open(url)
        self.keys = keys
        self.root = cache / "staging"
        self._staging = FolderStore(self.root, keys)
        self._cache = cache / "read"
        self._ask(lambda: self._client.head_bucket(Bucket=self._bucket), "the bucket")

    def begin(self, violation_id: str) -> FolderWriter:
        """Start a bundle; it becomes visible when sealed."""
        return FolderWriter(store=self, violation_id=violation_id)

    def place(self, folder: Path, *, month: str, violation_id: str) -> BundleRef | None:
        """Send a finished folder up, its manifest last; None when a bundle of that id stands there."""
        if self.find(violation_id) is not None:
            return None
        location = f"{month}/{violation_id}"
        names = sorted(path.name for path in folder.iterdir())
        for name in names:
            if name != MANIFEST_NAME:
                self._upload(f"{location}/{name}", folder / name)
        try:
            self.put(f"{location}/{MANIFEST_NAME}", (folder / MANIFEST_NAME).read_bytes())
        except EvidenceError:
            if self.find(violation_id) is None:
                raise
            return None  # another writer was first; what stands there is verified by the caller
        shutil.rmtree(self._cache / location, ignore_errors=True)
        return self._ref(location)

    def find(self, violation_id: str) -> BundleRef | None:
        """The sealed bundle of a violation, None when there is none."""
        for month in self._months():
            if self._has(f"{month}/{violation_id}/{MANIFEST_NAME}"):
                return self._ref(f"{month}/{violation_id}")
        return None

    def manifest(self, location: str) -> Manifest:
        """The manifest of a sealed bundle, checked for form but not against its items."""
        data = self._read(f"{_inside(location)}/{MANIFEST_NAME}")
        if data is None:
            raise EvidenceError(f"{self._name(location)}: no bundle there; restore it from a backup")
        try:
            return Manifest.model_validate_json(data)
        except ValidationError as error:
            raise EvidenceError(f"{self._name(location)}: not a manifest of this product") from error

    def local_path(self, location: str, name: str) -> Path:
        """A local copy of one item.

        Raises:
            EvidenceError: the manifest lists no such item, or its object is gone.
        """
        if name not in (MANIFEST_NAME, SIGNATURE_NAME) and self.manifest(location).item(name) is None:
            raise EvidenceError(f"bundle {location}: its manifest lists no item {name!r}")
        return self._fetch(f"{_inside(location)}/{name}")

    def local_bundle(self, location: str) -> Path:
        """A local folder with everything the bucket holds under a bundle, fetched anew."""
        folder = self._cache / _inside(location)
        shutil.rmtree(folder, ignore_errors=True)
        names = self.names(location)
        if f"{location}/{MANIFEST_NAME}" not in names:
            raise EvidenceError(f"{self._name(location)}: no bundle there; restore it from a backup")
        for name in names:
            self._fetch(name)
        return folder

    def bundles(self) -> Iterator[BundleRef]:
        """Every sealed bundle, oldest month first."""
        for month in self._months():
            for name in self.names(month):
                if name.endswith(f"/{MANIFEST_NAME}"):
                    yield self._ref(name.removesuffix(f"/{MANIFEST_NAME}"))

    def clear_unfinished(self) -> tuple[str, ...]:
        """Remove staging folders whose writer no longer lives; objects without a manifest stay invisible."""
        return self._staging.clear_unfinished()

    def remove(self, location: str) -> None:
        """Remove a bundle for good, its manifest first; harmless when it is gone."""
        names = self.names(_inside(location))
        for name in sorted(names, key=lambda name: not name.endswith(f"/{MANIFEST_NAME}")):
            self._ask(lambda name=name: self._client.delete_object(Bucket=self._bucket, Key=self._key(name)), name)  # type: ignore[misc]
        shutil.rmtree(self._cache / location, ignore_errors=True)

    def put(self, name: str, data: bytes) -> None:
        """Keep a document beside the bundles; one that stands is never overwritten."""
        standing = self.get(name)
        if standing is not None:
            if standing != data:
                raise EvidenceError(
                    f"{self._name(name)}: another document stands there; documents are never overwritten"
                )
            return
        key = self._key(_inside(name))
        self._ask(lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*"), name)

    def get(self, name: str) -> bytes | None:
        """A document kept with `put`, None when there is none."""
        return self._read(_inside(name))

    def names(self, folder: str) -> list[str]:
        """Names of all documents under one folder, in order."""
        prefix = self._key(f"{_inside(folder)}/") if folder else self._key("")

        def listed() -> list[str]:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return [item["Key"] for page in pages for item in page.get("Contents", ())]

        return sorted(key.removeprefix(self._key("")) for key in self._ask(listed, folder))

    def _months(self) -> list[str]:
        def prefixes(under: str) -> list[str]:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._key(under), Delimiter="/"
            )
            found = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", ())]
            return [key.removeprefix(self._key("")).strip("/") for key in found]

        years = [year for year in self._ask(lambda: prefixes(""), "") if year.isdigit() and len(year) == 4]
        return sorted(month for year in years for month in self._ask(lambda year=year: prefixes(f"{year}/"), year))  # type: ignore[misc]

    def _ref(self, location: str) -> BundleRef:
        manifest = self.manifest(location)
        return BundleRef(
            violation_id=location.rsplit("/", 1)[-1],
            location=location,
            manifest_sha256=manifest.manifest_sha256,
            items={item.name: item.sha256 for item in manifest.items},
        )

    def _has(self, name: str) -> bool:
        head = self._ask(lambda: self._client.head_object(Bucket=self._bucket, Key=self._key(name)), name, missing=None)
        return head is not None

    def _read(self, name: str) -> bytes | None:
        def read() -> bytes:
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key(name))["Body"].read()
            return data

        found: bytes | None = self._ask(read, name, missing=None)
        return found

    def _fetch(self, name: str) -> Path:
        target = self._cache / name
        data = self._read(name)
        if data is None:
            raise EvidenceError(f"{self._name(name)}: missing; run `phatnguoi verify` and restore it from a backup")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_bytes(data)
        except OSError as error:
            raise explain(error, target) from error
        return target

    def _upload(self, name: str, path: Path) -> None:
        self._ask(lambda: self._client.upload_file(str(path), self._bucket, self._key(name)), name)

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _name(self, name: str) -> str:
        return f"s3://{self._bucket}/{self._key(name)}"

    def _ask(self, call: Callable[[], T], name: str, **otherwise: T | None) -> Any:
        """The answer of the server; with `missing=` that value where there is no such object."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except ClientError as error:
            if "missing" in otherwise and error.response.get("Error", {}).get("Code") in MISSING:
                return otherwise["missing"]
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            kind = StoreUnavailableError if status >= 500 else EvidenceError
            raise kind(f"{self._name(name)}: {error}; check bucket, rights and address") from error
        except (BotoCoreError, Boto3Error) as error:
            raise StoreUnavailableError(
                f"{self._name(name)}: {error}; check that the object store can be reached"
            ) from error


def _inside(name: str) -> str:
    if not name or name.startswith("/") or ".." in name.split("/"):
        raise EvidenceError(f"location {name!r} points outside the evidence store")
    return name


def _open(url: str) -> tuple[Any, str, str]:
    """Client, bucket, prefix of `s3://BUCKET/PREFIX?endpoint=http://host:port&region=…`; keys from AWS_* variables."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise ConfigError(f"evidence_url {url!r}: expected s3://BUCKET/PREFIX?endpoint=https://HOST")
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise ConfigError("evidence_url: an object store needs its client; install phatnguoi[s3]") from error
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"max_attempts": 4, "mode": "standard"},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client(
        "s3", endpoint_url=options.get("endpoint"), region_name=options.get("region", "us-east-1"), config=config
    )
    prefix = parts.path.strip("/")
    return client, parts.netloc, f"{prefix}/" if prefix else ""

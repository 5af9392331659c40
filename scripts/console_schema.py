"""Writes the API's OpenAPI schema to api/web/openapi.json, from which `npm run types` makes the console's types.

Tuples are written as lists: the typed client gives lists back anyway.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from api.app import create_app
from api.console import WEB
from cases.settings import Settings


def without_tuples(node: Any) -> Any:
    """The schema with `prefixItems` as `items` of the first one's kind."""
    if isinstance(node, list):
        return [without_tuples(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {key: without_tuples(value) for key, value in node.items() if key != "prefixItems"}
    if "prefixItems" in node:
        plain["items"] = without_tuples(node["prefixItems"][0])
    return plain


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        (WEB / "openapi.json").write_text(json.dumps(without_tuples(app.openapi()), indent=1))
        app.state.context.database.close()

"""What is inside the setup program, as a CycloneDX 1.6 document (JSON).

Written here and not by a library: the document is one list of files whose names, versions, licences and hashes are
known when the setup program is built, and a release must not need packages that nothing else here needs.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from installers.windows.build import Built
    from installers.windows.gathering import Wheel

_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+()-]+)*")


def sbom(built: Built, *, epoch: int, source: str, setup_sha256: str) -> str:
    """The document. The same release gives the same words: its number comes from the setup program's hash.

    `source` says in words where the embedded Python comes from.
    """
    own, *others = built.wheels
    components = [_wheel(wheel) for wheel in others]
    components.append(
        {
            "type": "platform",
            "bom-ref": f"cpython@{built.python_version}",
            "name": "cpython",
            "version": built.python_version,
            "purl": f"pkg:generic/cpython@{built.python_version}",
            "licenses": [{"license": {"id": "PSF-2.0"}}],
            "properties": [
                {"name": "tunedoc:source", "value": source},
                {"name": "tunedoc:tree-sha256", "value": built.python_digest},
            ],
        }
    )
    components.append(
        {
            "type": "application",
            "bom-ref": f"nsis@{built.nsis_version}",
            "name": "nsis",
            "version": built.nsis_version,
            "purl": f"pkg:generic/nsis@{built.nsis_version}",
            "licenses": [{"license": {"id": "Zlib"}}],
        }
    )
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'tunedoc:{built.version}:{setup_sha256}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                **_wheel(own),
                "type": "application",
                "bom-ref": f"tunedoc@{built.version}",
                "components": [
                    {
                        "type": "file",
                        "bom-ref": built.file.name,
                        "name": built.file.name,
                        "version": built.version,
                        "hashes": [{"alg": "SHA-256", "content": setup_sha256}],
                    }
                ],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": f"tunedoc@{built.version}", "dependsOn": [component["bom-ref"] for component in components]}
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _wheel(wheel: Wheel) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": wheel.file.name,
        "name": wheel.name,
        "version": wheel.version,
        "purl": f"pkg:pypi/{wheel.name}@{wheel.version}",
        "hashes": [{"alg": "SHA-256", "content": wheel.sha256}],
        "properties": [{"name": "tunedoc:file", "value": wheel.file.name}],
    }
    if wheel.licence:
        known = wheel.is_expression and _EXPRESSION.fullmatch(wheel.licence)
        component["licenses"] = [{"expression": wheel.licence}] if known else [{"license": {"name": wheel.licence}}]
    return component

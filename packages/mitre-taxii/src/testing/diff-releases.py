"""Prints how MITRE's changelog tool classes the objects of two releases, as JSON: kind of object -> class -> STIX ids.

Needs mitreattack-python. Usage: diff-releases.py DOMAIN OLD_FOLDER NEW_FOLDER; each folder holds DOMAIN.json, a STIX bundle.
"""

import contextlib
import json
import sys

from loguru import logger
from mitreattack.diffStix.changelog_helper import DiffStix

domain, old, new = sys.argv[1:]
logger.remove()
with contextlib.redirect_stdout(sys.stderr):
    changes = DiffStix(domains=[domain], old=old, new=new, unchanged=True).data["changes"]
ids = {
    kind: {name: sorted(found["id"] for found in objects) for name, objects in domains[domain].items()}
    for kind, domains in changes.items()
}
print(json.dumps(ids))

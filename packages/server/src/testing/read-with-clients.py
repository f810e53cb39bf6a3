"""Reads a TAXII server with clients that others wrote, as their users do.

Usage: read-with-clients.py URL <QUESTIONS

URL is that of the server's discovery. The questions are a JSON list of objects:
  root, collection   the path of an API root, and the id of a collection
  read               get_objects or get_manifest, for taxii2-client; absent: attackcti reads all that the API root has of ATT&CK
  limit, filter      of taxii2-client's requests

Prints a JSON list with an answer to each: the number of pages and the objects, or what attackcti makes of each domain.
"""

import json
import sys
from urllib.parse import urljoin, urlsplit

from attackcti import MitreAttackClient
from stix2.utils import format_datetime
from taxii2client.v21 import Server, as_pages

url = sys.argv[1]
server = Server(url)


def read(root, collection, read, limit, filter={}):
    [api_root] = [one for one in server.api_roots if urlsplit(one.url).path == root]
    [found] = [one for one in api_root.collections if one.id == collection]
    pages = list(as_pages(getattr(found, read), per_request=limit, **filter))
    return {"pages": len(pages), "objects": [each for page in pages for each in page.get("objects", [])]}


def read_attack(root):
    client = MitreAttackClient(collection_url=urljoin(url, root + "collections/"))
    sources = {
        "enterprise-attack": client.TC_ENTERPRISE_SOURCE,
        "mobile-attack": client.TC_MOBILE_SOURCE,
        "ics-attack": client.TC_ICS_SOURCE,
    }
    return {
        "objects": {domain: [describe(each) for each in source.query()] for domain, source in sources.items()},
        "groups": sorted({each.name for each in client.get_groups()}),
        "tactics": sorted({each["name"] for each in client.get_tactics()}),
    }


def describe(stix):
    version = stix.get("modified", stix["created"])
    # Of types that are not STIX's own, stix2 leaves the texts as they are.
    return {"id": stix["id"], "version": version if isinstance(version, str) else format_datetime(version)}


questions = json.load(sys.stdin)
json.dump([read(**each) if "read" in each else read_attack(**each) for each in questions], sys.stdout)

"""Loads layers with MITRE's own library, as a user of it does.

Usage: load-layers.py FILE...

Prints a JSON list with an object for each file: `said`, all that the library printed while it loaded it (it warns on standard output, and
refuses a wrong layer there), and `layer`, the layer as the library would write it again, or null.
"""

import contextlib
import io
import json
import sys
import warnings

from mitreattack.navlayers.core.layer import Layer

warnings.simplefilter("error")


def load(path):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        layer = Layer()
        layer.from_file(path)
        written = layer.to_dict()
    return {"said": said.getvalue(), "layer": written}


print(json.dumps([load(path) for path in sys.argv[1:]]))

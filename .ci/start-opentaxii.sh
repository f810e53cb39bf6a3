#!/usr/bin/env bash
# Starts EclecticIQ's OpenTAXII on a free port of 127.0.0.1, with TAXII 2.1 over SQLite. Its objects have a `next` token made of
# date and id, its manifest has none, and it has no largest page.
#
#   TEST_OPENTAXII=$(bash .ci/start-opentaxii.sh FOLDER)     prints http://USER:PASSWORD@127.0.0.1:PORT/taxii2/ when it answers
#   kill "$(cat FOLDER/pid)"                                 stops it
#
# It holds empty collections that can be written: each run of a test fills one of them.
# FOLDER (created where it is missing) keeps the Python environment, so that a second start installs nothing,
# and the server's pid, url, configuration, log and databases, which are new at each start. Where the server of this FOLDER
# already runs, its URL is printed.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it answers; 1 it does not, or could not be installed; 2 wrong usage.
name=start-opentaxii
. "$(dirname "$0")/python-package.sh"
answers() { taxii_answers "$1"; }
open_folder "$@"
end_if_running
# OpenTAXII names no upper bounds for these: they are what it was tried with.
install "opentaxii==0.9.3" "Flask==3.1.3" "Werkzeug==3.1.9" "SQLAlchemy==2.1.9" "marshmallow==4.4.0" "structlog==26.1.0"

port=$(free_port)
rm -f "$folder/auth.db" "$folder/data.db"
export OPENTAXII_CONFIG="$folder/configuration.yml"
cat >"$OPENTAXII_CONFIG" <<YAML
domain: "127.0.0.1:$port"
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters:
    db_connection: "sqlite:///$folder/auth.db"
    create_tables: yes
    secret: a-secret-of-tests-that-signs-its-tokens
taxii1:
taxii2:
  title: OpenTAXII
  public_discovery: no
  max_content_length: 100000000
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters:
      db_connection: "sqlite:///$folder/data.db"
      create_tables: yes
logging:
  opentaxii: warning
  root: warning
YAML
cat >"$folder/serve.py" <<'PYTHON'
import functools, json, sys, uuid

# OpenTAXII 0.9.3 answers 500 for its collections, because `json` does not write the UUIDs that its database gives.
write_other = json.JSONEncoder.default
json.JSONEncoder.default = lambda self, value: str(value) if isinstance(value, uuid.UUID) else write_other(self, value)

# A password is hashed in every request, which takes 0.25 s as werkzeug does it.
from opentaxii.auth.sqldb import models
models.generate_password_hash = functools.partial(models.generate_password_hash, method="pbkdf2:sha256:1")

from opentaxii.http import app

with app.app_context():
    app.taxii_server.auth.api.create_account("analyst", "a-secret-of-tests", is_admin=True)
    api = app.taxii_server.servers.taxii2.persistence.api
    root = api.add_api_root(title="CTI", default=True)
    for number in range(1, 9):
        api.add_collection(api_root_id=root.id, title=f"Collection {number}")
app.run(host="127.0.0.1", port=int(sys.argv[1]))
PYTHON
serve "http://analyst:a-secret-of-tests@127.0.0.1:$port/taxii2/" "$python" "$folder/serve.py" "$port"

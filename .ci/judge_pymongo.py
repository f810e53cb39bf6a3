"""A pytest plugin that judges pymongo's tests against the embedded database, by pymongo-tests.json.

A failure counts unless its text shows that the server refused something by name, or the list has it with its reason. A listed test that
passes, or that is not there, counts as a failure, too: the list stays true.
"""

import collections
import json
import pathlib

import pytest

REFUSALS = ("not supported by the embedded database",)
LISTS = json.loads(pathlib.Path(__file__).with_name("pymongo-tests.json").read_text("utf-8"))
NOT_RUN = [name for names in LISTS["notRun"].values() for name in names]
KNOWN_FAILURES = {f"test/{name}" for names in LISTS["fails"].values() for name in names}

texts_of_failures = collections.defaultdict(list)
started = []
passed = set()
skipped = set()


def pytest_addoption(parser):
    parser.addoption("--pymongo-report", required=True)


def pytest_configure(config):
    # pytest's own tracebacks parse the source files, which takes as long as the tests.
    config.option.tbstyle = "native"
    config.args = [f"test/test_{module}.py" for module in LISTS["modules"]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for name in NOT_RUN:
        if not any(is_named(item.nodeid, name) for item in items):
            raise pytest.UsageError(f"pymongo-tests.json: notRun: no test is named {name}")
    chosen = [item for item in items if not any(is_named(item.nodeid, name) for name in NOT_RUN)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def is_named(nodeid, name):
    """A name that ends with * stands for all that begin so."""
    whole = f"test/{name}"
    return nodeid.startswith(whole[:-1]) if whole.endswith("*") else nodeid == whole


def pytest_collectreport(report):
    if report.failed:
        print(f"{report.nodeid}\n{report.longreprtext}")


def pytest_runtest_logstart(nodeid, location):
    started.append(nodeid)


def pytest_runtest_logreport(report):
    if report.failed:
        texts_of_failures[report.nodeid].append(report.longreprtext)
    elif report.skipped:
        skipped.add(report.nodeid)
    elif report.when == "call":
        passed.add(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == pytest.ExitCode.INTERRUPTED and started:
        texts_of_failures[started[-1]].append("did not end in time")
    elif exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return
    refused = {nodeid for nodeid, texts in texts_of_failures.items() if all(map(is_refusal, texts))} - KNOWN_FAILURES
    failed = {
        nodeid: "\n".join(texts)
        for nodeid, texts in texts_of_failures.items()
        if nodeid not in refused and nodeid not in KNOWN_FAILURES
    }
    failed.update(
        (nodeid, "is listed in pymongo-tests.json, and does not fail: take it off the list")
        for nodeid in KNOWN_FAILURES - texts_of_failures.keys()
    )
    write_report(session.config.getoption("--pymongo-report"), len(passed - failed.keys()), failed)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK
    for nodeid, text in failed.items():
        print(f"\n\nfailed: {nodeid}\n{text}", end="")
    print(
        f"\n\npymongo: {len(passed - failed.keys())} passed, {len(refused)} met a refusal by name,"
        f" {len(KNOWN_FAILURES - failed.keys())} listed, {len(skipped)} skipped by pymongo, {len(failed)} failed"
    )


def is_refusal(text):
    return any(refusal in text for refusal in REFUSALS)


def write_report(path, number_passed, failed):
    """As vitest does, for count-results.mjs."""
    report = {
        "numPassedTests": number_passed,
        "numFailedTests": len(failed),
        "numFailedTestSuites": 0,
        "numPendingTests": 0,
        "testResults": [
            {
                "name": nodeid.split("::")[0],
                "status": "failed",
                "message": "",
                "assertionResults": [
                    {"status": "failed", "fullName": nodeid.split("::", 1)[1], "failureMessages": [text]}
                ],
            }
            for nodeid, text in failed.items()
        ],
    }
    pathlib.Path(path).write_text(json.dumps(report), "utf-8")

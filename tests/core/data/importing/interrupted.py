"""A program that imports a file and waits in the middle of writing, to be interrupted by the test that started it."""

import importlib.util
import sys
import time
from pathlib import Path

from core.data.importing.report import Progress
from core.data.importing.run import run_import
from core.database import connect
from core.records.runtime import Runtime


def main(address: str, file: str, marker: str) -> None:
    spec = importlib.util.spec_from_file_location("importing_conftest", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    conftest = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conftest)

    def wait(progress: Progress) -> None:
        if progress.phase == "write":
            Path(marker).touch()
            time.sleep(60)

    with Runtime(conftest.compose(connect(address))).open(user=1, superuser=True, kind="import") as env:
        run_import(env, model="i.sale", file=Path(file), create_missing=True, progress=wait)


main(*sys.argv[1:])

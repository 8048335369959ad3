"""The same expressions on a real cluster: a master with two workers gives what DuckDB gives, to the last unit."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from ibis.backends.sql import SQLBackend
from tests.unit.lake import stage

from tonnebook import lake
from tonnebook.lake.methods import cems

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine: the cluster cannot be started"),
    # What the libraries of the cluster's client leave behind is not ours.
    pytest.mark.filterwarnings("ignore"),
]

_HOST = "127.0.0.1"
_DEFAULTS = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.executor.memory 512m
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.codegen.wholeStage false
spark.sql.adaptive.enabled false
spark.ui.enabled false
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master with two workers."""
    import pyspark

    home, folder, port = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark"), _free_port()
    (folder / "spark-defaults.conf").write_text(_DEFAULTS)
    settings = {"SPARK_HOME": str(home), "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": _HOST}
    address = f"spark://{_HOST}:{port}"
    master = ["master.Master", "--host", _HOST, "--port", str(port), "--webui-port", "0"]
    worker = ["worker.Worker", address, "-c", "1", "-m", "1g", "-d", str(folder), "--webui-port", "0"]
    running = []
    with (folder / "log").open("w") as log, pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        for arguments in (master, worker, worker):
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{arguments[0]}", *arguments[1:]]
            running.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        try:
            _wait_for((folder / "log"), "Registering worker", 2)
            yield address
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_for(log: Path, words: str, times: int) -> None:
    for _ in range(600):
        if log.read_text().count(words) >= times:
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def spark(cluster: str) -> Iterator[SQLBackend]:
    """A connection to the cluster."""
    from pyspark.sql import SparkSession

    data = lake.connect(cluster)
    yield data
    session = SparkSession.getActiveSession()
    assert session
    assert len(session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) == 3, "the driver and two workers"
    session.stop()


def _computed(data: SQLBackend, folder: Path) -> tuple[pa.Table, pa.Table]:
    readings, tests, stacks = (
        lake.read(data, folder / name) for name in ("readings.parquet", "tests.parquet", "stacks.parquet")
    )
    with (
        lake.held(data, cems.judged(readings, tests, stacks, stage.RULES, first=stage.FIRST, end=stage.END)) as judged,
        lake.held(data, cems.hours(judged, stage.RULES, first=stage.FIRST)) as rows,
    ):
        return lake.execute(data, rows.order_by("stack", "hour")), lake.execute(
            data, cems.annual(rows).order_by("stack")
        )


def test_a_cluster_gives_what_one_machine_gives(spark: SQLBackend, tmp_path: Path) -> None:
    stage.write(tmp_path)
    hours, years = _computed(lake.connect(memory_mib=512), tmp_path)
    far_hours, far_years = _computed(spark, tmp_path)
    assert hours.num_rows == stage.STACKS * (stage.END - stage.FIRST)
    assert far_hours.to_pylist() == hours.to_pylist()
    assert far_years.to_pylist() == years.to_pylist()

"""What the launcher says when a machine lacks something: one sentence in two languages, and no traceback."""

import fcntl
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "tonnebook"


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("launcher", str(LAUNCHER))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "var"
    monkeypatch.setenv("TONNEBOOK_HOME", str(folder))
    return folder


@pytest.fixture
def crew(launcher: ModuleType) -> Iterator[Any]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    crew = launcher.Crew()
    yield crew
    crew.dismiss()
    for number, handler in before.items():
        signal.signal(number, handler)


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TONNEBOOK_")}
    surroundings["TONNEBOOK_HOME"] = str(home)
    command = [sys.executable, str(LAUNCHER), *arguments]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)


def assert_one_sentence(done: subprocess.CompletedProcess[str], zh: str, en: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("碳账本：")
    assert zh in lines[0]
    assert lines[1].startswith("tonnebook: ")
    assert en in lines[1]


def test_every_sentence_is_told_in_both_languages(launcher: ModuleType) -> None:
    codes = [line.split(":")[0] for line in launcher.SENTENCES.splitlines() if not line.startswith(" ")]
    facts = dict.fromkeys(("home", "address", "pid", "port", "package", "data", "found", "needed", "folder"), "x")
    for code in codes:
        zh, en = str(launcher.Stop(code, step="x", reason="x", program="x", **facts)).split("\n")
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh.removeprefix("碳账本："))
        assert len(en.removeprefix("tonnebook: ")) > 5


def test_up_refuses_a_taken_port(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_one_sentence(run("up", "--port", str(port), home=home), f"端口 {port} 已被占用", "choose another one")


def test_up_refuses_a_second_copy(home: Path) -> None:
    home.mkdir()
    (home / "run.json").write_text(json.dumps({"pid": 4711, "address": "http://127.0.0.1:8000"}), encoding="utf-8")
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_one_sentence(run("up", home=home), "已在运行（http://127.0.0.1:8000", "process 4711")


def test_a_command_refuses_while_another_copy_is_starting(home: Path) -> None:
    home.mkdir()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_one_sentence(run("audit", home=home), "已在运行", "already running")


def test_up_refuses_a_data_folder_that_it_cannot_open(home: Path) -> None:
    home.write_text("a file stands where the folder should be", encoding="utf-8")
    assert_one_sentence(run("up", home=home), "无法读写数据目录", "cannot read or write the data folder")


def test_a_full_disk_is_named_in_place_of_the_folder(
    launcher: ModuleType, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(launcher.tempfile, "TemporaryFile", full)
    with pytest.raises(launcher.Stop) as reason:
        launcher.open_home()
    assert reason.value.code == "DISK_FULL"


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("initdb: error: could not write file: No space left on device", "DISK_FULL"),
        ("ERROR: Could not find a version that satisfies the requirement django", "NO_NETWORK"),
        ("error: Failed to fetch\n Caused by: dns error: failed to lookup address", "NO_NETWORK"),
        ("something else\nthe last line", "STEP_FAILED"),
    ],
)
def test_a_failed_program_is_explained(launcher: ModuleType, output: str, code: str) -> None:
    reason = launcher.failure("step", output)
    assert reason.code == code
    assert code != "STEP_FAILED" or "the last line" in str(reason)


def test_a_failed_step_ends_in_its_explanation(launcher: ModuleType, crew: Any) -> None:
    with pytest.raises(launcher.Stop) as reason:
        crew.do("pip", ["sh", "-c", "echo Temporary failure in name resolution >&2; exit 1"])
    assert reason.value.code == "NO_NETWORK"


def test_data_of_another_postgresql_is_refused(launcher: ModuleType, crew: Any, home: Path) -> None:
    (home / "pg").mkdir(parents=True)
    (home / "pg" / "PG_VERSION").write_text("16\n", encoding="utf-8")
    with pytest.raises(launcher.Stop, match="dump it with the old pg_dumpall") as reason:
        launcher.start_server(crew, home, durable=False)
    assert reason.value.code == "OTHER_MAJOR"


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_named(
    launcher: ModuleType, crew: Any, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher.importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(launcher.Stop, match="apt install python3") as reason:
        launcher.make_venv(crew, with_pip=True)
    assert reason.value.code == "NO_VENV"


def test_an_old_python_is_told_what_is_needed(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher.sys, "hexversion", 0x03090000)
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: None)
    with pytest.raises(launcher.Stop) as reason:
        launcher.find_python()
    assert reason.value.code == "OLD_PYTHON"


def test_secrets_are_made_once_and_readable_by_their_owner_only(launcher: ModuleType, home: Path) -> None:
    home.mkdir()
    first = launcher.keep_secrets(home)
    assert launcher.keep_secrets(home) == first
    assert len(set(first.values())) == len(first)
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_from_before_a_role_is_told_of_and_left_as_it_is(launcher: ModuleType, crew: Any, home: Path) -> None:
    (home / "pg").mkdir(parents=True)
    (home / "pg" / "PG_VERSION").write_text(launcher.POSTGRES_MAJOR)
    older = {name: key for name, key in launcher.keep_secrets(home).items() if name not in ("engine", "public_ro")}
    (home / "secrets.json").write_text(json.dumps(older))
    with pytest.raises(launcher.Stop) as reason:
        launcher.start_server(crew, home, durable=True)
    assert reason.value.code == "OLD_HOME"
    assert "engine, public_ro" in str(reason.value)
    assert launcher.keep_secrets(home) == older
    assert [one.name for one in (home / "pg").iterdir()] == ["PG_VERSION"]


def test_a_users_own_server_is_left_as_it_is(
    launcher: ModuleType, crew: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    monkeypatch.setenv("TONNEBOOK_DATABASE_URL", "postgresql://db.example/market")
    monkeypatch.delenv("TONNEBOOK_OWNER_DATABASE_URL", raising=False)
    with launcher.database(crew, home) as surroundings:
        assert surroundings["TONNEBOOK_DATABASE_URL"] == "postgresql://db.example/market"
        assert "TONNEBOOK_OWNER_DATABASE_URL" not in surroundings
    assert not (home / "pg").exists()


def test_a_signal_while_a_program_starts_is_not_lost(
    launcher: ModuleType, crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        child = real(*arguments, **options)
        os.kill(os.getpid(), signal.SIGTERM)
        return child

    monkeypatch.setattr(launcher.subprocess, "Popen", interrupted)
    with pytest.raises(launcher.Signalled):
        crew.start("sleeper", ["sleep", "60"])
    child = crew.members["sleeper"]
    crew.dismiss()
    assert child.returncode is not None


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_leaves_nothing_running(home: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TONNEBOOK_")}
    surroundings["TONNEBOOK_HOME"] = str(home)
    command = [sys.executable, str(LAUNCHER), "up", "--port", str(port)]
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as up:
        assert up.stdout is not None
        assert f":{port}".encode() in up.stdout.readline()
        programs = json.loads((home / "run.json").read_text(encoding="utf-8"))["programs"]
        server = int((home / "pg" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        up.send_signal(number)
        up.communicate(timeout=60)
    assert up.returncode == 0
    assert not (home / "run.json").exists()
    for pid in [*programs, server]:
        assert not Path(f"/proc/{pid}").exists()
    assert not (home / "pg" / "postmaster.pid").exists()


@pytest.mark.fault
def test_up_ends_everything_when_the_web_process_dies(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TONNEBOOK_")}
    surroundings["TONNEBOOK_HOME"] = str(home)
    command = [sys.executable, str(LAUNCHER), "up", "--port", str(port)]
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as up:
        assert up.stdout is not None
        up.stdout.readline()
        web, *others = json.loads((home / "run.json").read_text(encoding="utf-8"))["programs"]
        os.kill(web, signal.SIGKILL)
        errors = up.communicate(timeout=60)[1].decode()
    assert up.returncode == 1
    assert "web ended by itself" in errors
    assert len(others) == 3, "the worker, the engines and the stream"
    assert not any(Path(f"/proc/{pid}").exists() for pid in others)
    assert not (home / "pg" / "postmaster.pid").exists()


def test_the_embedded_database_is_a_demo_until_somebody_says_otherwise(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TONNEBOOK_DATABASE_URL", raising=False)
    assert launcher.wants_demo(tmp_path)
    assert not launcher.wants_demo(tmp_path, asked=False)
    assert not launcher.wants_demo(tmp_path), "the answer of `up --no-demo` is remembered"
    assert launcher.wants_demo(tmp_path, asked=True)
    assert launcher.wants_demo(tmp_path)
    monkeypatch.setenv("TONNEBOOK_DATABASE_URL", "postgresql://server/market")
    assert not launcher.wants_demo(tmp_path), "a server of one's own is never filled unasked"

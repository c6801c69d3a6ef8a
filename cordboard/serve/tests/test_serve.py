"""Starting, restarting and stopping the centre, as people and accidents do it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys

from cordboard.lib.testing.centre import Centre, wait_until


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_written_is_its_owners_alone(shared_centre: Centre) -> None:
    made = shared_centre.python("""
import os
from cordboard.lib.config import config
print([oct(os.stat(path).st_mode & 0o777) for path in (config().run, config().run / "status.json", config().django_socket)])
""")
    assert made.strip() == "['0o700', '0o600', '0o600']"


def test_ctrl_c_stops_everything_with_sockets_open(centre: Centre) -> None:
    pids = [role["pid"] for role in centre.roles().values()]
    assert pids
    half = socket.create_connection(("127.0.0.1", centre.port))
    half.sendall(b"POST /account/login/ HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
    idle = socket.create_connection(("127.0.0.1", centre.port))
    assert centre.stop() < 3.5
    assert centre.process.returncode == 0
    assert not [pid for pid in pids if alive(pid)]
    half.close()
    idle.close()


def test_what_is_killed_comes_back_and_browsers_only_wait(centre: Centre) -> None:
    os.kill(centre.pid("front"), signal.SIGKILL)
    assert centre.get("/account/login/")[0] == 200
    for role in ("django", "worker", "front"):
        centre.kill(role)
        assert centre.get("/account/login/")[0] == 200
        assert centre.roles()[role]["restarts"] == (2 if role == "front" else 1)
        assert centre.roles()[role]["last_end"] == "signal SIGKILL"


def _answer(centre: Centre):
    try:
        return centre.get("/account/login/")
    except OSError:
        return None


def test_a_django_process_that_dies_alone_is_not_noticed(shared_centre: Centre) -> None:
    centre = shared_centre
    master = centre.pid("django")
    with open(f"/proc/{master}/task/{master}/children") as children:
        workers = [int(pid) for pid in children.read().split()]
    os.kill(workers[0], signal.SIGKILL)
    assert [centre.get("/account/login/")[0] for _ in range(5)] == [200] * 5
    assert centre.pid("django") == master


def test_roles_die_with_the_supervisor(centre: Centre) -> None:
    pids = {name: role["pid"] for name, role in centre.roles().items()}
    centre.process.kill()
    centre.process.wait()
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not any(alive(pid) for pid in pids.values()), 10)
    assert [name for name, pid in pids.items() if alive(pid)] == []


def test_a_taken_port_is_said_with_the_way_out(shared_centre: Centre) -> None:
    centre = shared_centre
    done = subprocess.run(
        [sys.executable, "-m", "cordboard", "serve"],
        env={**centre.environment, "CORDBOARD_DATA": str(centre.folder / "other"), "CORDBOARD_RUN": str(centre.folder / "r2")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert f"Port {centre.port}" in done.stderr
    assert "--port" in done.stderr
    assert "PORT=8001 make run" in done.stderr


def test_two_supervisors_on_one_data_folder_are_refused(shared_centre: Centre) -> None:
    centre = shared_centre
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    done = centre.cordboard("serve", "--port", str(free), check=False, timeout=60)
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert str(centre.process.pid) in done.stderr
    assert centre.get("/account/login/")[0] == 200


def test_what_a_dead_supervisor_left_is_cleaned(centre: Centre) -> None:
    centre.process.kill()
    centre.process.wait()
    wait_until(lambda: not any(alive(role["pid"]) for role in centre.roles().values()), 20, "the end of its roles")
    (centre.run_folder / "bells" / "999999-dead").touch()
    (centre.run_folder / "django.sock").touch()
    centre.start()
    wait_until(lambda: _answer(centre), 30, "an answer")
    assert not (centre.run_folder / "bells" / "999999-dead").exists()

"""The wheel, installed into a clean environment, answers and serves from outside the checkout."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[1]


def run(*command: object, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, check=False, **options
    )
    assert done.returncode == 0, done.stderr[-3000:] or done.stdout[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return the folder of the programs of an environment that has the wheel and what it depends on, no more."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    run("git", "clone", "--quiet", ROOT, source) if (ROOT / ".git").exists() else source.symlink_to(ROOT)
    for name in ("locator", "static", "geodata", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        # What is being worked on, not only what is committed.
        run("cp", "-r", "-T", ROOT / name, source / name)
    build = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert build.returncode == 0, build.stderr[-3000:] + build.stdout[-3000:]
    (wheel,) = folder.glob("*.whl")
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    # Dependencies come from the environment of the tests: what is tried here is the wheel.
    (site,) = venv.glob("lib/python*/site-packages")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel)
    parent = Path(run(sys.executable, "-c", "import flask; print(flask.__path__[0])").strip()).parent
    (site / "parent.pth").write_text(str(parent), encoding="utf-8")
    return venv / "bin"


@pytest.fixture(scope="module")
def database(installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    run(installed / "python", "-m", "locator", "init", "--database", folder / "miluo.db", cwd=folder)
    return folder / "miluo.db"


def test_package_is_the_wheel_not_the_checkout(installed, database):
    where = run(installed / "python", "-c", "import locator; print(locator.__file__)", cwd=database.parent)
    assert str(ROOT) not in where


def test_wheel_has_no_leftovers(installed):
    (package,) = (installed.parent).glob("lib/python*/site-packages/locator")
    assert (package / "static" / "vendor").is_dir()
    assert (package / "geodata" / "miluo" / "dataset.json").is_file()
    assert not list(package.rglob("node_modules"))


def test_nearest_answers(installed, database):
    answer = run(
        installed / "python", "-m", "locator", "nearest", 113.0742, 28.8069, "--at", "2026-11-20T12:10",
        "--json", "--database", database, cwd=database.parent,
    )  # fmt: skip
    assert len(json.loads(answer)["features"]) == 5


def test_page_and_its_style_are_served(installed, database):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(installed / "python"), "-m", "locator", "serve", "--port", str(port), "--database", str(database)],
        cwd=database.parent, env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    try:
        assert "<html" in fetched(f"http://127.0.0.1:{port}/")
        assert "{" in fetched(f"http://127.0.0.1:{port}/static/css/locator.css")
        assert "leaflet" in fetched(f"http://127.0.0.1:{port}/map")
    finally:
        server.terminate()
        server.wait(timeout=20)


def fetched(address: str) -> str:
    for _ in range(150):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return answer.read().decode()
        except ConnectionError:
            pass
        except OSError as error:
            if "refused" not in str(error):
                raise
        time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")

"""What the documents say is so: commands give the answers that stand beside them, names exist, files are there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from locator.cli import cli
from locator.settings import CONFIG, PREFIX, SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README + GUIDE, re.DOTALL)
COMMANDS = [line[2:] for block in BLOCKS for line in block.splitlines() if line.startswith("$ locator")]
ANSWERED = [
    (lines[0][2:], "\n".join(lines[1:]))
    for lines in (block.splitlines() for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL))
    if lines[0].startswith("$ locator") and len(lines) > 1
]


def run(arguments: list[str], folder: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-m", "locator", *arguments], cwd=folder, capture_output=True, text=True, timeout=120,
        env=environment | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    run(["init", "miluo"], folder)
    return folder


@pytest.mark.parametrize(("command", "answer"), ANSWERED)
def test_answers_in_the_readme_are_true(command, answer, folder):
    assert run(shlex.split(command)[1:], folder) == answer


def test_readme_has_three_examples():
    assert len(ANSWERED) == 3


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_commands_and_options_exist(command):
    words = shlex.split(command)[1:]
    found, deep = cli.commands[words[0]], 1
    while isinstance(found, click.Group) and not words[deep].startswith("-"):
        found, deep = found.commands[words[deep]], deep + 1
    known = {name for p in found.params if isinstance(p, click.Option) for name in p.opts}
    assert {word for word in words if re.fullmatch("--[a-z0-9-]+|-[a-z]", word)} <= known


def test_files_and_folders_named_exist():
    named = re.findall(r"(?:`|\]\()((?:locator|static|geodata|tests|docs)/[\w./-]+)", README + GUIDE)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert all((ROOT / "docs" / "pictures" / name).is_file() for name in re.findall(r"pictures/([\w.-]+)", README))


def test_make_targets_named_exist():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`|\d )make (\w+)", README)) <= targets


def test_settings_named_exist():
    names = {PREFIX + setting.name for setting in SETTINGS}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", README + GUIDE)) - {f"{PREFIX}REAL_DATA", CONFIG} <= names


def test_every_public_module_says_what_it_is_for():
    for path in (ROOT / "locator").rglob("*.py"):
        assert path.read_text(encoding="utf-8").startswith('"""'), path


def test_documents_speak_of_the_project_alone():
    words = ("/work/", "/tmp/", "/root/")
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "locator").rglob("*.py")]
    assert [(p.name, word) for p in files for word in words if word in p.read_text(encoding="utf-8")] == []

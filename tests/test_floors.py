"""The house reads from the ground up: imports run one way."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_run_one_way():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(
        [*command, "--config", "setup.cfg"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_help_needs_no_heavy_part():
    code = """
import sys
sys.argv = ["locator", "--help"]
try:
    from locator.cli import main
    main()
except SystemExit:
    pass
heavy = {"flask", "folium", "geopandas", "numpy", "pandas", "pyproj", "shapely", "sqlite_utils"}
print("loaded:", sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "loaded: []" in done.stderr


def test_package_front_door_loads_nothing():
    code = "import locator, sys; print(sorted(m for m in sys.modules if m.startswith('locator')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['locator']"

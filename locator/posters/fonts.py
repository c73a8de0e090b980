"""The font that draws Chinese: looked up where the system keeps its fonts, for what does not do that by itself."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

__all__ = ["FAMILIES", "chinese_font"]

FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "PingFang SC", "Microsoft YaHei",
)  # fmt: skip
"""Families that have the characters, the best first."""


@cache
def chinese_font(*, bold: bool = False) -> tuple[str, int] | None:
    """Return file and index of a font that has Chinese characters; None: there is none, or none is found."""
    command = shutil.which("fc-match")
    if command is None:
        return None
    pattern = f"{','.join(FAMILIES)}:lang=zh-cn{':bold' if bold else ''}"
    done = subprocess.run(  # noqa: S603 - fontconfig's own program, and a pattern of ours
        [command, "--format", "%{file}|%{index}|%{lang}", pattern],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    file, _, rest = done.stdout.partition("|")
    index, _, languages = rest.partition("|")
    if done.returncode or "zh-cn" not in languages.split("|") or not Path(file).is_file():
        return None
    # Variable fonts have the number of their instance in the upper half.
    return file, int(index) & 0xFFFF

"""A search on the command line: how far it is, on standard error, and Ctrl-C for the best answer until then."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

import click

from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.siting.solving import Progress

__all__ = ["Watch", "watched"]

_FIRST_S, _EACH_S = 3.0, 2.0


@dataclass
class Watch:
    """What the user sees of a search, and whether the user has had enough of it.

    Attributes
    ----------
    is_told
        Whether progress is told at all.
    is_screen
        Whether one line is written over again, as on a terminal.
    """

    translate: Translator
    is_told: bool
    is_screen: bool
    is_cancelled: bool = False
    written: int = 0
    next_s: float = 0.0

    def cancelled(self) -> bool:
        """Return whether the best answer until now is wanted."""
        return self.is_cancelled

    def tell(self, found: Progress) -> None:
        """Write how far the search is, a few seconds after its beginning and then now and then."""
        if not self.is_told or time.monotonic() < self.next_s:
            return
        self.next_s = time.monotonic() + _EACH_S
        seconds = f"{found.seconds:.0f}"
        if found.value is None:
            text = self.translate(N_("{seconds} s: no answer yet; Ctrl-C ends the search"), seconds=seconds)
        elif found.bound is None:
            text = self.translate(
                N_("{seconds} s: best {value}; Ctrl-C takes it"), seconds=seconds, value=f"{found.value:,.0f}"
            )
        else:
            gap = abs(found.value - found.bound) / max(abs(found.value), 1e-9)
            text = self.translate(
                N_("{seconds} s: best {value}, at most {percent} % from the optimum; Ctrl-C takes it"),
                seconds=seconds, value=f"{found.value:,.0f}", percent=f"{gap:.2%}"[:-1],
            )  # fmt: skip
        self._write(text)

    def end(self) -> None:
        """Leave the terminal's line empty."""
        if self.is_screen and self.written:
            click.echo("\r" + " " * self.written + "\r", nl=False, err=True)

    def _write(self, text: str) -> None:
        if not self.is_screen:
            click.echo(text, err=True)
            return
        width = sum(2 if ord(char) > 0x2E80 else 1 for char in text)
        click.echo("\r" + text + " " * max(self.written - width, 0), nl=False, err=True)
        self.written = max(width, self.written)


@contextmanager
def watched(translate: Translator, *, always: bool) -> Iterator[Watch]:
    """Watch a search: told on a terminal, or always; one Ctrl-C cancels it, a second one ends the command."""
    is_screen = sys.stderr.isatty()
    watch = Watch(translate, always or is_screen, is_screen, next_s=time.monotonic() + _FIRST_S)

    def cancel(number: int, frame: FrameType | None) -> None:
        watch.is_cancelled = True
        signal.signal(signal.SIGINT, before)

    # Signals come to the main thread alone, and nobody else may ask for them.
    is_main = current_thread() is main_thread()
    before = signal.signal(signal.SIGINT, cancel) if is_main else None
    try:
        yield watch
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)
        watch.end()

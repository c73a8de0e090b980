"""Files from outside: one door, a process apart for each file, and nothing that is taken on trust."""

from locator.exchange.reading.door import ENDINGS, read_file
from locator.exchange.reading.limits import Limits

__all__ = ["ENDINGS", "Limits", "read_file"]

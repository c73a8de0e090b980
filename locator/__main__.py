"""`python -m locator` is the command `locator`."""

from locator.cli import main

main()

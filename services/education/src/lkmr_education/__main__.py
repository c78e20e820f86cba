"""Entry point: `python -m lkmr_education`."""

from lkmr_education.main import main

main()

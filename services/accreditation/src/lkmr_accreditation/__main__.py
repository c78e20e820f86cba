"""Entry point: `python -m lkmr_accreditation`."""

from lkmr_accreditation.main import main

main()

"""`python -m lkmr_gateway.partner`."""

from lkmr_gateway.partner.main import main

main()

"""`python -m lkmr_gateway`."""

from lkmr_gateway.main import main

main()

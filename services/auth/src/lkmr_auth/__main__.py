"""`python -m lkmr_auth`."""

from lkmr_auth.main import main

main()

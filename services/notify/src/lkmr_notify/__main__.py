"""`python -m lkmr_notify` runs the service."""

from lkmr_notify.main import main

if __name__ == "__main__":
    main()

"""`python -m lkmr_egisz_bridge` runs the service."""

from lkmr_egisz_bridge.main import main

if __name__ == "__main__":
    main()

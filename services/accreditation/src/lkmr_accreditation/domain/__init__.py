"""Rules of accreditation: plain functions and frozen values."""

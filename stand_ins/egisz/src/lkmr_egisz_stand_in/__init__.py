"""Plays ЕГИСЗ and its neighbours: registers of workers, organisations, insured people."""

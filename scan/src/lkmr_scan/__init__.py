"""Looks for known faults in our code and in all that we are made of, and tells their ages."""

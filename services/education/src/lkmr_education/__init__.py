"""Continuing education (НМО) of medical workers: cycles, activities, their documents, the plan."""

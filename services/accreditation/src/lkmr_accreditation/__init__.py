"""Accreditation records of medical workers, their extracts, and the law that they are judged by."""

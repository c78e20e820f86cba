"""What the pages are told: one frozen view for each template, a module for each section.

Every moment is aware; pages show it in the time zone of `Chrome.now`. Texts from services and from
the catalogue of codes come as they are; the templates put in the no-break spaces.
"""

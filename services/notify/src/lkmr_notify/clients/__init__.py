"""The systems that this service calls; their words stay inside."""

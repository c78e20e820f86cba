"""The face of the service towards others."""

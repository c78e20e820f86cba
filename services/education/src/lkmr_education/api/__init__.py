"""The gRPC face of this service."""

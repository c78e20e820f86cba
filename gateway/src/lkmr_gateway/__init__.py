"""The edge: the browser comes in here, everything behind it is asked by gRPC."""

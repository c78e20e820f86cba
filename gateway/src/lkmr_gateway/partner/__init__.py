"""The partner edge: other government systems come in by gRPC; a process of its own."""

"""The gRPC server that partners reach: TLS 1.3 with client certificates."""

from types import TracebackType
from typing import Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from lkmr_gateway.partner.config import Config
from lkmr_servicekit.grpc_server import OPTIONS, require_tls_13

AT_ONCE = 200
GRACE_SECONDS = 3


class PartnerServer:
    """Listens while it is entered; servicers are added before."""

    def __init__(self, config: Config, gate: grpc.aio.ServerInterceptor) -> None:
        self._config = config
        self.grpc = grpc.aio.server(
            interceptors=[gate], options=OPTIONS, maximum_concurrent_rpcs=AT_ONCE
        )
        self.names: list[str] = []
        self.port = 0
        self._health = health.aio.HealthServicer()

    async def __aenter__(self) -> Self:
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.grpc)
        if self._config.reflection:
            names = (*self.names, reflection.SERVICE_NAME, health.SERVICE_NAME)
            reflection.enable_server_reflection(names, self.grpc)
        require_tls_13()
        self.port = self.grpc.add_secure_port(self._config.listen, _credentials(self._config))
        await self.grpc.start()
        for name in ("", *self.names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._health.enter_graceful_shutdown()
        await self.grpc.stop(grace=GRACE_SECONDS)


def _credentials(config: Config) -> grpc.ServerCredentials:
    """Certificates are read at each handshake, so that a renewed one needs no restart."""

    def read() -> grpc.ServerCertificateConfiguration:
        return grpc.ssl_server_certificate_configuration(
            [(config.server_key.read_bytes(), config.server_cert.read_bytes())],
            root_certificates=config.client_ca.read_bytes(),
        )

    return grpc.dynamic_ssl_server_credentials(read(), read, require_client_authentication=True)

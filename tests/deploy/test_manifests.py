"""Whether a cluster would take what the overlays render to, and what pods may do there."""

import kubernetes_validate
import pytest

from .manifests import OVERLAYS, PROGRAMS, SERVICES, containers, of_kind, pods, rendered

# Kinds of operators: cert-manager, External Secrets, CloudNativePG. Their schemas are not here.
FOREIGN = {"Certificate", "Issuer", "ExternalSecret", "Cluster", "Database"}
STAGES = {"foundation", "data", "migrations", "programs"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_follows_its_schema_and_has_no_unknown_field(overlay: str) -> None:
    for one in rendered(overlay):
        if one["kind"] not in FOREIGN:
            kubernetes_validate.validate(one, "1.37", strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_has_a_stage_and_is_named_once(overlay: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered(overlay)]
    stages = {one["metadata"]["labels"]["lkmr.internal/stage"] for one in rendered(overlay)}

    assert len(names) == len(set(names))
    assert stages == STAGES


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_program_of_the_repository_is_deployed_with_all_that_belongs_to_it(
    overlay: str,
) -> None:
    kinds = ("Deployment", "Service", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget")
    for kind in (*kinds, "HorizontalPodAutoscaler"):
        assert set(PROGRAMS) <= set(of_kind(kind, overlay)), kind
    assert set(of_kind("Deployment", overlay)) == set(PROGRAMS)
    assert set(of_kind("Job", overlay)) == {f"{one}-migrations" for one in SERVICES}
    assert set(of_kind("Database", overlay)) == set(SERVICES)
    assert {f"{one}-tls" for one in (*PROGRAMS, "nats")} <= set(of_kind("Certificate", overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_namespace_takes_restricted_pods_only(overlay: str) -> None:
    (namespace,) = of_kind("Namespace", overlay).values()
    homes = {one["metadata"].get("namespace") for one in rendered(overlay)}

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert homes == {None, namespace["metadata"]["name"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_container_has_rights_beyond_its_work(overlay: str) -> None:
    for name, pod in pods(overlay):
        about = pod["securityContext"]
        assert about["runAsNonRoot"] is True, name
        assert min(about["runAsUser"], about["runAsGroup"], about["fsGroup"]) >= 10_000, name
        assert about["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, f"{name}: AUTH_PORT looks like a setting"
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(pod), name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_is_bounded_in_memory_and_files(overlay: str) -> None:
    for name, pod in pods(overlay):
        for container in containers(pod):
            asked, bound = container["resources"]["requests"], container["resources"]["limits"]
            assert asked["memory"] == bound["memory"], name
            assert asked["cpu"], name
            assert "cpu" not in bound, f"{name}: a limit of CPU delays answers"
            assert bound["ephemeral-storage"], name
        for volume in pod["volumes"]:
            if "persistentVolumeClaim" in volume:  # kept files, shared by all instances
                claimed = volume["persistentVolumeClaim"]["claimName"]
                assert claimed == f"{name}-{volume['name']}"
                claim = of_kind("PersistentVolumeClaim", overlay)[claimed]["spec"]
                assert claim["accessModes"] == ["ReadWriteMany"]
                assert claim["resources"]["requests"]["storage"]
                continue
            assert set(volume) - {"name"} <= {"emptyDir", "secret", "configMap", "projected"}
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"], name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_look_at_the_process_itself_and_stopping_leaves_time(overlay: str) -> None:
    for name in PROGRAMS:
        pod = dict(pods(overlay))[name]
        (container,) = pod["containers"]
        paths = {
            probe: container[probe]["httpGet"]["path"]
            for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        }

        assert paths == {
            "startupProbe": "/readyz/self",
            "readinessProbe": "/readyz/self",
            "livenessProbe": "/healthz",
        }
        assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}
        assert pod["terminationGracePeriodSeconds"] >= 5 + 8 + 5


def test_in_production_no_program_runs_alone_or_leaves_all_at_once() -> None:
    for name, scaler in of_kind("HorizontalPodAutoscaler").items():
        least = 3 if name in {"gateway", "auth"} else 2
        budget = of_kind("PodDisruptionBudget")[name]["spec"]
        rolling = of_kind("Deployment")[name]["spec"]["strategy"]["rollingUpdate"]

        assert scaler["spec"]["minReplicas"] >= least, name
        assert scaler["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
        assert budget["maxUnavailable"] == 1, name
        assert rolling == {"maxUnavailable": 0, "maxSurge": 1}, name


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_images_are_named_by_digest(overlay: str) -> None:
    named = [one["image"] for _, pod in pods(overlay) for one in containers(pod)]
    named.append(of_kind("Cluster", overlay)["lkmr-postgres"]["spec"]["imageName"])

    assert len(named) == len(PROGRAMS) + len(SERVICES) + 3  # NATS, PostgreSQL and the scan
    assert [one for one in named if "@sha256:" not in one] == []

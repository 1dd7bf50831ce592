"""Checks of deploy/ and of the YAML in the guide. Called by .ci/check-deploy with ENKASH as the path of the command.

Each rule is also run on a broken copy, which it has to refuse: a validator that finds nothing any more would pass everything.
"""

import copy
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

# The oldest and the newest one that the manifests are for.
VERSIONS = ["1.31", "1.37"]
KUBERNETES = pathlib.Path("deploy/kubernetes")
COMPOSE = [pathlib.Path("deploy/compose/compose.yaml"), pathlib.Path("deploy/compose/redis.yaml")]
GUIDE = pathlib.Path("docs/guide/kubernetes.md")
COMPOSE_GUIDE = pathlib.Path("docs/guide/docker-compose.md")
# A login's timeout, and the time that its lease has on top.
LOGIN_SECONDS = 35


def read_manifests():
    files = sorted(KUBERNETES.rglob("*.yaml"))
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def yaml_blocks(page):
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.M | re.S)]


def schema_problems(document):
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"


def is_valid_compose(files):
    command = ["target/validators/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, files)]
    return subprocess.run(command, capture_output=True).returncode == 0


def pods(manifests):
    """Each pod's specification, with the name of what makes it."""
    for manifest in manifests:
        template = manifest.get("spec", {}).get("template")
        if template:
            yield manifest["metadata"]["name"], template["spec"]


def runs_command(pod):
    return any(container.get("command", [""])[0] == "enkash" for container in pod["containers"])


def keys_of(manifests, kind):
    found = (manifest for manifest in manifests if manifest["kind"] == kind)
    return {one["metadata"]["name"]: set(one.get("stringData") or one.get("data")) for one in found}


def mounted_files(volume, secrets, settings):
    """The files of a volume; None where it is not made of Secrets and ConfigMaps. What is missing is named in place of a file."""
    if "projected" in volume:
        sources = volume["projected"]["sources"]
    elif "secret" in volume:
        sources = [{"secret": {"name": volume["secret"]["secretName"], **volume["secret"]}}]
    elif "configMap" in volume:
        sources = [{"configMap": volume["configMap"]}]
    else:
        return None
    files = set()
    for source in sources:
        (kind, named), = source.items()
        keys = (secrets if kind == "secret" else settings).get(named["name"])
        if keys is None:
            files.add(f"? no {kind} {named['name']}")
            continue
        items = named.get("items") or [{"key": key, "path": key} for key in keys]
        files |= {item["path"] if item["key"] in keys else f"? no key {item['key']} in {named['name']}" for item in items}
    return files


def reference_problems(manifests):
    """Whether every Secret, ConfigMap, key, volume and file that a pod names is there, and every volume is used."""
    secrets, settings = keys_of(manifests, "Secret"), keys_of(manifests, "ConfigMap")
    for owner, pod in pods(manifests):
        volumes = {volume["name"]: mounted_files(volume, secrets, settings) for volume in pod.get("volumes", [])}
        yield from (f"{owner}: {file}" for files in volumes.values() for file in files or () if file.startswith("?"))
        used, paths, writable = set(), set(), []
        for container in pod["containers"]:
            for mount in container.get("volumeMounts", []):
                used.add(mount["name"])
                if mount["name"] not in volumes:
                    yield f"{owner}: no volume {mount['name']}"
                    continue
                files = volumes[mount["name"]]
                paths |= {f"{mount['mountPath']}/{file}" for file in files or ()}
                if files is None:
                    writable.append(mount["mountPath"])
            for variable in container.get("env", []):
                named = variable.get("valueFrom", {}).get("secretKeyRef")
                if named and named["key"] not in secrets.get(named["name"], ()):
                    yield f"{owner}: no key {named['key']} in {named['name']}"
                value = variable.get("value", "")
                if value.startswith("/") and value not in paths and not any(value.startswith(f"{at}/") for at in writable):
                    yield f"{owner}: {variable['name']} names {value}, which no volume has"
        yield from (f"{owner}: nobody mounts {name}" for name in volumes.keys() - used)
        if runs_command(pod):
            config = next(one for one in manifests if one["kind"] == "ConfigMap")["data"]["config.toml"]
            files = re.findall(r'^\w+_file = "(.*)"', config, re.M)
            yield from (f"{owner}: the profile names {file}, which no volume has" for file in files if file not in paths)


def hardening_problems(manifests):
    for owner, pod in pods(manifests):
        context = pod["securityContext"]
        if not (context.get("runAsNonRoot") and context.get("seccompProfile") == {"type": "RuntimeDefault"}):
            yield f"{owner}: runs as anybody, or with any system call"
        if runs_command(pod):
            modes = {volume["projected"].get("defaultMode") for volume in pod["volumes"] if "projected" in volume}
            if modes != {0o440} or not context.get("fsGroup"):
                yield f"{owner}: the command does not read secrets of this mode"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{owner}: has a token of the cluster"
        for container in pod["containers"]:
            name, own = f"{owner}/{container['name']}", container.get("securityContext", {})
            hardened = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            if own != hardened:
                yield f"{name}: its securityContext is not {hardened}"
            if "livenessProbe" in container:
                yield f"{name}: has a liveness probe"
            if not {"requests", "limits"} <= container.get("resources", {}).keys():
                yield f"{name}: has no resources"
            if not re.fullmatch(r".+:\d+\.\d+\.\d+", container["image"]):
                yield f"{name}: its image has no whole version"
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            moves = container.get("command", [])[:2] != ["enkash", "doctor"]
            if moves and pod.get("terminationGracePeriodSeconds", 30) < sleep + LOGIN_SECONDS:
                yield f"{name}: is killed in the middle of a login"
    for manifest in manifests:
        if manifest["kind"] == "Secret":
            real = [key for key, value in manifest["stringData"].items() if "placeholder" not in value]
            yield from (f"{manifest['metadata']['name']}: {key} is no placeholder" for key in real)


def compose_problems(compose):
    for name, service in compose["services"].items():
        if not re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+", service["image"]):
            yield f"{name}: its image has no whole version"
        yield from (f"{name}: {port} is open to others" for port in service["ports"] if not port.startswith("127.0.0.1:"))
        yield from (f"{name}: no secret {secret}" for secret in service["secrets"] if secret not in compose["secrets"])
        volumes = [volume.split(":")[0] for volume in service["volumes"]]
        yield from (f"{name}: no volume {volume}" for volume in volumes if volume not in compose["volumes"])
        named = re.findall(r"/run/secrets/([\w-]+)", str(service))
        yield from (f"{name}: {secret} is not mounted" for secret in named if secret not in service["secrets"])


def health_problems(compose):
    """The image asks for the health of a sandbox. With any other command it would be unhealthy, and be restarted in the middle of it."""
    for name, service in compose["services"].items():
        is_ours = re.fullmatch(r"ghcr\.io/enkash-rs/enkash(:.*)?", service.get("image", ""))
        if is_ours and service.get("command", ["sandbox"])[0] != "sandbox" and service.get("healthcheck") != {"disable": True}:
            yield f"{name}: its command is no sandbox, and the image's health check asks for one: healthcheck: {{disable: true}}"


def guide_problems(manifests, page, compose, compose_page):
    """Whether the commands of the guide make the Secrets of the manifests and the files of Compose, and name files that are there."""
    for name, keys in keys_of(manifests, "Secret").items():
        made = re.search(rf"secret generic {name}\b((?:.*\\\n)*.*)", page)
        made = set(re.findall(r"--from-(?:file|literal)=([\w-]+)", made[1])) if made else set()
        if made != keys:
            yield f"{name}: the guide makes {sorted(made)} in place of {sorted(keys)}"
    for file in re.findall(r"\(\.\./\.\./(deploy/[^)]+)\)", page + compose_page):
        if not pathlib.Path(file).exists():
            yield f"the guide names {file}, which is not there"
    for part in compose:
        for name, secret in part["secrets"].items():
            if f"> {secret['file'].removeprefix('./')}" not in compose_page:
                yield f"{name}: the guide does not make {secret['file']}"


def command_problems(manifests, enkash):
    """Whether the command takes what it is called with. It prints its help, and does nothing."""
    for owner, pod in pods(manifests):
        for container in pod["containers"]:
            command = container.get("command", [])
            if command[:1] == ["enkash"]:
                ended = subprocess.run([enkash, *command[1:], "--help"], capture_output=True, text=True)
                if ended.returncode != 0:
                    yield f"{owner}: {' '.join(command)}: {ended.stderr.strip()}"
    config = next(one for one in manifests if one["kind"] == "ConfigMap")["data"]["config.toml"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config.toml"
        path.write_text(config)
        ended = subprocess.run([enkash, "profile", "list"], env={"ENKASH_CONFIG": str(path)}, capture_output=True, text=True)
        if ended.returncode != 0:
            yield f"the profile: {ended.stderr.strip()}"


def changed(value, path, new):
    """A copy with another value at the path, or with none."""
    value = copy.deepcopy(value)
    at = value
    for step in path[:-1]:
        at = at[step]
    if new is None:
        del at[path[-1]]
    else:
        at[path[-1]] = new
    return value


def refusals(manifests, compose, sample, enkash):
    """Each rule with a broken copy, which it has to refuse."""
    at = {manifest["metadata"]["name"] + "/" + manifest["kind"]: n for n, manifest in enumerate(manifests)}
    rewards, workers = at["rewards/Deployment"], at["rewards-workers/Job"]
    pod, job = (rewards, "spec", "template", "spec"), (workers, "spec", "template", "spec")
    container, worker = (*pod, "containers", 0), (*job, "containers", 0)

    for path, new in [
        ((*pod, "terminationGracePeriod"), 75),
        ((*container, "lifecycle", "preStop", "sleep", "seconds"), "soon"),
        ((at["rewards/PodDisruptionBudget"], "spec", "maxUnavailabel"), 1),
        ((at["rewards/NetworkPolicy"], "spec", "egress", 0, "port"), 53),
        ((at["rewards-1/Secret"], "stringdata"), {}),
    ]:
        yield "schema", path, list(schema_problems(changed(manifests, path, new)[path[0]]))
    for path, new in [
        ((*pod, "volumes", 0, "secret", "secretName"), "other"),
        ((*pod, "volumes", 0, "name"), "other"),
        ((*job, "volumes", 1, "projected", "sources", 0, "secret", "items", 0, "key"), "other"),
        ((*worker, "env", 3, "valueFrom", "secretKeyRef", "key"), "other"),
        ((*worker, "env", 0, "value"), "/etc/enkash/other.toml"),
        ((at["rewards-ledger-1/Secret"], "stringData"), {"other": "placeholder"}),
    ]:
        yield "reference", path, list(reference_problems(changed(manifests, path, new)))
    for path, new in [
        ((*pod, "securityContext", "runAsNonRoot"), None),
        ((*pod, "automountServiceAccountToken"), None),
        ((*pod, "terminationGracePeriodSeconds"), 39),
        ((*job, "terminationGracePeriodSeconds"), None),
        ((*container, "securityContext", "readOnlyRootFilesystem"), False),
        ((*job, "securityContext", "fsGroup"), None),
        ((*job, "volumes", 1, "projected", "defaultMode"), 0o444),
        ((*container, "livenessProbe"), {"httpGet": {"path": "/", "port": 80}}),
        ((*container, "image"), "registry.example/rewards:latest"),
        ((*container, "resources", "limits"), None),
        ((at["rewards-1/Secret"], "stringData", "password"), "hunter2"),
    ]:
        yield "hardening", path, list(hardening_problems(changed(manifests, path, new)))
    for path, new in [
        ((*worker, "command", 3), "--until-dawn"),
        ((at["rewards-settings/ConfigMap"], "data", "config.toml"), '[profile.a]\nfleet_keys = "x"\n'),
    ]:
        yield "command", path, list(command_problems(changed(manifests, path, new), enkash))
    for path, new in [
        (("services", "postgres", "ports", 0), "5432:5432"),
        (("services", "postgres", "image"), "postgres:18"),
        (("services", "postgres", "secrets"), []),
        (("services", "postgres", "volumes", 0), "other:/var/lib/postgresql"),
        (("secrets",), {}),
    ]:
        yield "compose", path, list(compose_problems(changed(compose, path, new)))
    worker = changed(sample, ("services", "enkash", "command"), ["run", "work", "--until-done"])
    for path, new in [
        (("services", "enkash", "restart"), "always"),
        (("services", "enkash", "healthcheck"), {"disable": False}),
    ]:
        yield "health", path, list(health_problems(changed(worker, path, new)))
    taken = list(health_problems(changed(worker, ("services", "enkash", "healthcheck"), {"disable": True})))
    yield "health", "what is well was refused", [] if taken else ["taken"]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(yaml.safe_dump(changed(compose, ("services", "postgres", "helthcheck"), {})))
        file.flush()
        yield "compose schema", "helthcheck", [] if is_valid_compose([file.name]) else ["refused"]


def main():
    enkash = os.path.abspath(os.environ["ENKASH"])
    manifests, compose = read_manifests(), [yaml.safe_load(file.read_text()) for file in COMPOSE]
    page, compose_page = GUIDE.read_text(), COMPOSE_GUIDE.read_text()
    samples, compose_samples = yaml_blocks(GUIDE), yaml_blocks(COMPOSE_GUIDE)
    problems = [problem for document in manifests + samples for problem in schema_problems(document)]
    problems += reference_problems(manifests)
    problems += hardening_problems(manifests)
    problems += command_problems(manifests, enkash)
    problems += [problem for one in compose for problem in compose_problems(one)]
    problems += [problem for one in compose + compose_samples for problem in health_problems(one)]
    problems += guide_problems(manifests, page, compose, compose_page)
    if not is_valid_compose(COMPOSE):
        problems.append(f"{COMPOSE} are not what Compose reads")
    refused = list(refusals(manifests, compose[0], compose_samples[0], enkash))
    problems += [f"{rule}: {path} was changed, and nothing noticed" for rule, path, found in refused if not found]
    for problem in problems:
        print(problem, file=sys.stderr)
    count = len(samples) + len(compose_samples)
    print(f"{len(manifests)} manifests, {count} samples, {len(compose)} Compose files, {len(refused)} broken copies refused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""Checks of the Dockerfile. Called by .ci/check-image with ENKASH as the path of the command.

Each rule is also run on a broken copy, which it has to refuse: a linter that finds nothing any more would pass everything.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

HADOLINT = "target/validators/bin/hadolint"
PORT = "4010"
NAME = "ghcr.io/enkash-rs/enkash"
# Both have the features and the licences of a release, and this one has the list of its crates inside as well.
BUILD = [
    "cargo run --locked --quiet --package xtask -- dist --install-tools --no-package ",
    "cargo run --locked --quiet --package xtask -- dist --no-package ",
]


def instructions(text):
    """Each instruction with what it is given, continued lines joined, comments gone."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        yield word.upper(), rest.strip()


def stages(text):
    found = []
    for word, rest in instructions(text):
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def words(text):
    """The words of the JSON form; None for the form that a shell reads, which the image does not have."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, list) and value and all(isinstance(word, str) for word in value) else None


def given(stage, word):
    return [rest for name, rest in stage if name == word]


def health_check(stage):
    return [words(rest.partition(" CMD ")[2] or rest.removeprefix("CMD ")) for rest in given(stage, "HEALTHCHECK")]


def problems(text, ignored):
    """What the rules say. Each lists what is allowed."""
    *builds, image = stages(text)
    names = set()
    for build in builds:
        match = re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z]+\d+\.\d+(?:@sha256:[0-9a-f]{64})? AS ([a-z]+)", build[0][1])
        names |= {match[1]} if match else set()
        if not match:
            yield f"FROM {build[0][1]}: not a whole version with a name"
    if image[0] != ("FROM", "scratch"):
        yield "the image is not made from scratch"
    allowed = {"FROM", "LABEL", "COPY", "ENV", "USER", "EXPOSE", "ENTRYPOINT", "CMD", "HEALTHCHECK"}
    yield from (f"{word}: not among {sorted(allowed)}" for word, _ in image if word not in allowed)
    for rest in given(image, "COPY"):
        if not re.fullmatch(rf"--from=({'|'.join(names)}) \S+ \S+", rest):
            yield f"COPY {rest}: not out of a build"
    if given(image, "ENV") != ["PATH=/ ENKASH_STATE_DIR=/state"]:
        yield "ENV: only the path and the folder of the state belong into the image"
    user = given(image, "USER")
    if not (len(user) == 1 and re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user[0])):
        yield "USER: not one user and one group by number, neither root"
    elif f"-o {user[0].split(':')[0]} -g {user[0].split(':')[1]} /image/state" not in text:
        yield "USER: /state belongs to another"
    entry = [words(rest) for rest in given(image, "ENTRYPOINT")]
    if entry != [["/enkash"]]:
        yield "ENTRYPOINT: not [\"/enkash\"]"
    command = [words(rest) for rest in given(image, "CMD")]
    if not (len(command) == 1 and command[0] and command[0][:1] == ["sandbox"] and "--expose" in command[0]):
        yield "CMD: not a sandbox that others reach, in JSON"
    elif given(image, "EXPOSE") != [command[0][command[0].index("--port") + 1]]:
        yield "EXPOSE: not the port of the sandbox"
    if health_check(image) != [["/enkash", "sandbox", "health"]]:
        yield "HEALTHCHECK: not the command's own, in JSON"
    yield from (f"the build is not that of a release, without {one.strip()}" for one in BUILD if one not in text)
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-LICENSES.txt"]:
        if f"target/dist-stage/{name} " not in text:
            yield f"the image has no {name}"
    if ignored[:1] != ["*"] or any(not re.fullmatch(r"![\w.-]+", line) for line in ignored[1:]):
        yield ".dockerignore: everything is out, and what the build reads is let in by name"


def context_problems(ignored):
    """Whether what is let into the build is there, and has every member of the workspace."""
    let_in = {line.removeprefix("!") for line in ignored[1:]}
    yield from (f".dockerignore: {name} is not there" for name in let_in if not pathlib.Path(name).exists())
    members = tomllib.loads(pathlib.Path("Cargo.toml").read_text())["workspace"]["members"]
    yield from (f".dockerignore: {one} is left out" for one in members if one.split("/")[0] not in let_in)
    if "rust-toolchain.toml" in let_in:
        yield ".dockerignore: the image would fetch another toolchain"


def page_problems(pages):
    """Whether whoever runs another command than the sandbox does it without the image's health check, which asks for a sandbox."""
    for page, text in pages.items():
        for line in text.replace("\\\n", " ").splitlines():
            words = line.split()
            image = next((at for at, word in enumerate(words) if word.partition(":")[0] == NAME), None)
            if words[:2] != ["docker", "run"] or image is None:
                continue
            if words[image + 1 : image + 2] not in ([], ["sandbox"]) and "--no-healthcheck" not in words[:image]:
                yield f"{page}: {' '.join(words[image:])}: without --no-healthcheck it is restarted in the middle"


def hadolint(text):
    found = subprocess.run([HADOLINT, "--failure-threshold", "info", "-"], input=text, capture_output=True, text=True)
    return found.stdout.splitlines() if found.returncode else []


def command_problems(text, enkash):
    """Starts the sandbox as the image does, and asks for its health as the image does."""
    image = stages(text)[-1]
    command = words(given(image, "CMD")[0])
    health = health_check(image)[0][1:]
    served = [enkash, *("0" if word == PORT else word for word in command)]
    with subprocess.Popen(served, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as sandbox:
        try:
            line = sandbox.stdout.readline()
            if not line.startswith("{"):
                return [f"CMD: {' '.join(command)} does not serve"]
            url = json.loads(line)["url"]
            asked = subprocess.run([enkash, *health, "--url", url], capture_output=True, text=True, timeout=60)
        finally:
            sandbox.terminate()
    if asked.returncode != 0:
        return [f"HEALTHCHECK: a sandbox that serves is not healthy: {asked.stderr}"]
    gone = subprocess.run([enkash, *health, "--url", url], capture_output=True, text=True, timeout=60)
    return [] if gone.returncode == 1 else [f"HEALTHCHECK: {gone.returncode} where nothing serves, in place of 1"]


def refusals(text, ignored, pages):
    """Broken copies, with who refuses them."""
    for old, new in [
        ("FROM scratch", "FROM alpine:latest"),
        ("USER 65532:65532", "USER root"),
        ('CMD ["sandbox", "--port", "4010", "--expose", "enkash"]', "CMD enkash sandbox"),
        ("COPY . .", "ADD . /src"),
        ("FROM rust:1.95.0-alpine3.22 AS build", "FROM rust AS build"),
        ("WORKDIR /src", "RUN cd /src"),
    ]:
        yield f"hadolint: {new}", hadolint(text.replace(old, new))
    for old, new in [
        ("FROM scratch", "FROM alpine:3.22.0"),
        ("rust:1.95.0-alpine3.22", "rust:1-alpine"),
        ("USER 65532:65532", "USER 65532:0"),
        ("USER 65532:65532", ""),
        ("-o 65532", "-o 1000"),
        ("PATH=/ ", "ENKASH_CLIENT_SECRET=hunter2 "),
        ('ENTRYPOINT ["/enkash"]', "ENTRYPOINT /enkash"),
        ("EXPOSE 4010", "EXPOSE 80"),
        ("COPY --from=build /image /", "COPY . /"),
        ('CMD ["/enkash", "sandbox", "health"]', "CMD curl http://localhost:4010"),
        ("HEALTHCHECK", "# HEALTHCHECK"),
        ("--locked ", ""),
        ("-- dist --no-package ", "-- dist --archive-only "),
        ("-- dist --install-tools --no-package ", "-- dist --install-tools "),
        ("target/dist-stage/THIRD-PARTY-LICENSES.txt ", ""),
    ]:
        yield new or f"without {old}", list(problems(text.replace(old, new), ignored))
    yield "a payment with a health check", list(
        page_problems({page: text.replace(" --no-healthcheck", "") for page, text in pages.items()})
    )
    yield ".dockerignore without *", list(problems(text, ignored[1:]))
    yield ".dockerignore with a pattern", list(problems(text, [*ignored, "!**"]))
    yield ".dockerignore without the crates", list(context_problems([line for line in ignored if line != "!crates"]))


def main():
    text = pathlib.Path("Dockerfile").read_text()
    ignored = [line for line in pathlib.Path(".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    pages = {str(page): page.read_text() for page in [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").rglob("*.md"))]}
    found = [*hadolint(text), *problems(text, ignored), *context_problems(ignored), *page_problems(pages)]
    found += command_problems(text, os.path.abspath(os.environ["ENKASH"])) if not found else []
    refused = list(refusals(text, ignored, pages))
    found += [f"{copy} was not refused" for copy, by in refused if not by]
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"the Dockerfile, {len(refused)} broken copies refused")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

# The command and its sandbox, in an image that holds nothing else: no shell, no package manager, no other user.
# docs/install.md says how to use it. `.ci/check-image` holds this file to its rules.

# The image has a C compiler and musl, so that the binary is static.
FROM rust:1.95.0-alpine3.22 AS build
WORKDIR /src
COPY . .
# The same as in the archive of a release: the list of its crates inside, which is what a scan of the image finds, and the licences of
# all parts beside it. The archive itself is left behind, and so is its time.
RUN cargo run --locked --quiet --package xtask -- dist --install-tools --no-package \
    && SOURCE_DATE_EPOCH=1 cargo run --locked --quiet --package xtask -- dist --no-package \
    && mkdir -p /image/etc/ssl/certs /image/licenses \
    && cp target/dist-stage/enkash /image/ \
    && cp target/dist-stage/LICENSE-APACHE target/dist-stage/LICENSE-MIT target/dist-stage/THIRD-PARTY-LICENSES.txt /image/licenses/ \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && install -d -m 1777 /image/tmp \
    && install -d -m 700 -o 65532 -g 65532 /image/state

FROM scratch
LABEL org.opencontainers.image.title="enkash" \
    org.opencontainers.image.description="A command line and a sandbox for the EnKash Reward APIs. Unofficial." \
    org.opencontainers.image.licenses="MIT OR Apache-2.0" \
    org.opencontainers.image.source="https://github.com/enkash-rs/enkash-rs"
# The owner of /state comes with it.
COPY --from=build /image /
# The command by its name, where an orchestrator calls it so. Ledger, tokens and strikes are in /state: mount a volume there for
# live calls.
ENV PATH=/ ENKASH_STATE_DIR=/state
# By number, because the image has no names.
USER 65532:65532
EXPOSE 4010
ENTRYPOINT ["/enkash"]
# Reached as localhost through a published port, and as `enkash` by the services beside it.
CMD ["sandbox", "--port", "4010", "--expose", "enkash"]
HEALTHCHECK --interval=5s --timeout=2s --start-period=2s --retries=3 CMD ["/enkash", "sandbox", "health"]

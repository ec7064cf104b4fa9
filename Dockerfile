# syntax=docker/dockerfile:1
# docs/operations/docker.md explains how to run this image.

# Debian 12 in both stages: a binary does not run with an older C library than it was built with.
ARG RUST_VERSION=1.95

FROM rust:${RUST_VERSION}-bookworm AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# The registry and the target folder are kept between builds, but not in the image: the next build compiles only changes.
# All packages are fetched first, because build.rs asks Cargo where one of them is, without network access.
RUN --mount=type=cache,id=tollgate-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=tollgate-target-${TARGETARCH},target=/src/target,sharing=locked \
    cargo fetch --locked \
    && cargo build --frozen --release --bin tollgate \
    && install -D -m 0755 target/release/tollgate /out/tollgate \
    && install -d -m 0700 /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="tollgate" \
      org.opencontainers.image.description="Sign-in and a metered paywall for single-page apps, as one JSON REST server" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# The pattern allows for an image that nobody publishes: packaging/third-party-licenses writes that file.
COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSE[S] /usr/share/doc/tollgate/
COPY --from=build /out/tollgate /usr/local/bin/tollgate
# Before WORKDIR, which would create the folder as root. A new volume gets its owner and mode from this folder.
COPY --from=build --chown=65532:65532 /out/data /data

# The database and tollgate.key are here; nothing is written elsewhere.
WORKDIR /data
VOLUME ["/data"]

# A number, so that Kubernetes can see that it is not root.
USER 65532:65532

# Everybody outside the container counts as another machine, so the cookie must be for HTTPS.
ENV HOST=0.0.0.0 \
    PORT=8080 \
    COOKIE_SECURE=true \
    DATABASE_URL=sqlite:///data/tollgate.db
EXPOSE 8080

# Stopping takes SHUTDOWN_DELAY and up to 20 seconds for requests in flight, but Docker waits for 10: docker run --stop-timeout 30
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["/usr/local/bin/tollgate", "health"]

ENTRYPOINT ["/usr/local/bin/tollgate"]
CMD ["serve"]

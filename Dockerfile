# syntax=docker/dockerfile:1
# docs/deploy.md tells how to run this image.

# Debian 12 in both stages: a binary does not run with an older C library than it was built with.
ARG RUST_VERSION=1.95

FROM rust:${RUST_VERSION}-bookworm AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# The registry and the target folder outlive a build, and are in no image: the next build compiles what has changed.
# All packages are fetched first, as build.rs asks Cargo for where one of them is, and looks up nothing itself.
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
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/tollgate/
COPY --from=build /out/tollgate /usr/local/bin/tollgate
# Ahead of WORKDIR, which would make a folder of root's. A new volume takes its owner and mode from this one.
COPY --from=build --chown=65532:65532 /out/data /data

# The database and tollgate.key are here, and nothing is written elsewhere.
WORKDIR /data
VOLUME ["/data"]

# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532

# Whoever is outside the container is on another machine, so the cookie has to be for HTTPS.
ENV HOST=0.0.0.0 \
    PORT=8080 \
    COOKIE_SECURE=true \
    DATABASE_URL=sqlite:///data/tollgate.db
EXPOSE 8080

# SHUTDOWN_DELAY, and 20 seconds for requests in flight. Docker waits for 10 by default: docker run --stop-timeout 30
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["/usr/local/bin/tollgate", "health"]

ENTRYPOINT ["/usr/local/bin/tollgate"]
CMD ["serve"]

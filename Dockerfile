# syntax=docker/dockerfile:1
# Builds the program from this checkout. docs/operations.md says how to run it and how to pin the base images by digest.

FROM node:24.18.0-bookworm-slim AS build
WORKDIR /build
RUN npm install --global pnpm@10.34.9
# The dependencies are a layer of their own, which changes with the lockfile alone.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
RUN pnpm fetch
COPY . .
# inject-workspace-packages lets deploy copy the packages of the workspace, with dependencies as the lockfile has them.
RUN pnpm install --frozen-lockfile --offline && \
    pnpm --filter @cti-connectors/runner run build && \
    pnpm --config.inject-workspace-packages=true --filter @cti-connectors/runner deploy --prod --offline /out/app && \
    mkdir /out/data

# Node and the libraries it needs: no shell, no package manager. User 65532 is "nonroot".
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cti-connectors" \
      org.opencontainers.image.description="Loads MITRE ATT&CK, abuse.ch ThreatFox and CISA KEV into MongoDB and keeps them current" \
      org.opencontainers.image.source="https://github.com/cti-connectors/cti-connectors" \
      org.opencontainers.image.documentation="https://github.com/cti-connectors/cti-connectors/blob/main/docs/operations.md" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/app /app
COPY --from=build --chown=65532:65532 /out/data /data
# HOME too: a user without an entry in /etc/passwd, as OpenShift assigns, has no other one.
ENV NODE_ENV=production \
    HOME=/data \
    DATA_DIR=/data/mongo
USER 65532:65532
WORKDIR /data
VOLUME ["/data"]
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=15m \
  CMD ["/nodejs/bin/node", "/app/bin/cti-connectors.mjs", "health", "--port", "9464"]
# The flags keep garbage from piling up: apps/runner/start.mjs says why.
ENTRYPOINT ["/nodejs/bin/node", "--heap-growing-percent=50", "--max-semi-space-size=1", "/app/bin/cti-connectors.mjs"]
CMD ["run", "--every", "1h", "--health-host", "0.0.0.0", "--health-port", "9464"]

# Any image with Node.js 20.19 or newer and a C library that the prebuilt LevelDB knows (glibc, musl).
ARG NODE_IMAGE=node:22-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /conclave
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npx tsc -p tsconfig.build.json \
  && node scripts/build-dashboard.mjs \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
# The C library returns the memory of large values once they are freed (docs/operations.md).
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /conclave
COPY --from=build /conclave/package.json ./
COPY --from=build /conclave/node_modules node_modules
COPY --from=build /conclave/dist dist
# The data directory belongs to the user that the member runs as, and so does a volume made from it.
RUN ln -s /conclave/dist/main.js /usr/local/bin/conclave \
  && chmod +x dist/main.js \
  && useradd --system --no-create-home --shell /usr/sbin/nologin conclave \
  && install -d -o conclave -g conclave -m 0700 /data
USER conclave
VOLUME /data
ENV CONCLAVE_DATA_DIR=/data
EXPOSE 4001 7001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=10s --retries=3 \
  CMD ["conclave", "health"]
ENTRYPOINT ["conclave"]
CMD ["server"]

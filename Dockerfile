# Build stage: all packages, and the page.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json ./
COPY shared ./shared
COPY web ./web
RUN npx vite build web && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# The image: the server's TypeScript runs as it is.
FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    FIVEALARM_DATA_DIR=/data \
    FIVEALARM_HOST=0.0.0.0 \
    NODE_COMPILE_CACHE=/app/.cache/compiled
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY shared ./shared
COPY server ./server
COPY --from=build /app/web/dist ./web/dist
RUN mkdir /data && chown node:node /data
# Compiled once here, with the flags of the entry point: what is kept is found again only under the same.
RUN node --initial-heap-size=512 --max-semi-space-size=16 server/main.ts --help > /dev/null
USER node
VOLUME /data
EXPOSE 5500 5514/udp 5514/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:5500/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--initial-heap-size=512", "--max-semi-space-size=16", "server/main.ts"]
CMD ["serve"]

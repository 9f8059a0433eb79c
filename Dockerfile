# syntax=docker/dockerfile:1
# The service and its built pages. Tools come from the same locked lists as everywhere else.
FROM python:3.11.14-slim-bookworm AS build

WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never PATH="/app/.venv/bin:$PATH"

COPY scripts/get-uv scripts/
RUN scripts/get-uv python3 /opt/uv

# Node stands in the frontend group; it stays behind in this stage.
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --quiet --locked --no-default-groups --group frontend --no-install-project

COPY frontend/package.json frontend/package-lock.json frontend/
RUN npm --prefix frontend ci --no-audit --no-fund --loglevel=error

COPY frontend frontend
RUN npm --prefix frontend run --silent build -- --logLevel warn

COPY README.md LICENSE ./
COPY api api
COPY slo slo
COPY telemetry telemetry
COPY loadtests loadtests
RUN /opt/uv/bin/uv sync --quiet --locked --no-default-groups --no-editable

# What the image is made of, for whoever has to look for a hole in it.
RUN mkdir sbom \
  && /opt/uv/bin/uv export --quiet --locked --no-default-groups --format cyclonedx1.5 \
    --preview-features sbom-export -o sbom/service.json > /dev/null \
  && npm --prefix frontend sbom --silent --omit dev --package-lock-only --sbom-format cyclonedx \
    > sbom/pages.json


FROM python:3.11.14-slim-bookworm

RUN groupadd --system --gid 10001 execdash \
  && useradd --system --uid 10001 --gid execdash --home-dir /var/lib/execdash --create-home execdash

WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/frontend/dist frontend/dist
COPY --from=build /app/sbom sbom

ENV PATH="/app/.venv/bin:$PATH" \
  PYTHONUNBUFFERED=1 \
  PYTHONDONTWRITEBYTECODE=1 \
  EXECDASH_FRONTEND_DIR=/app/frontend/dist \
  EXECDASH_STATE_DIR=/var/lib/execdash \
  EXECDASH_DATABASE_URL=sqlite:////var/lib/execdash/execdash.db

# Nothing is written but to the volume, and to /tmp while a large file is read:
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges ...
USER 10001:10001
VOLUME /var/lib/execdash
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "from os import environ; from urllib.request import Request, urlopen; host = environ.get('EXECDASH_ALLOWED_HOSTS', '127.0.0.1').split(',')[0].strip().replace('*', 'health'); urlopen(Request('http://127.0.0.1:8000/api/health', headers={'Host': host}), timeout=4)"]

# Beyond loopback it starts only with accounts: set EXECDASH_ACCOUNTS and EXECDASH_PUBLIC_URL.
ENTRYPOINT ["execdash"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

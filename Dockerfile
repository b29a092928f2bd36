# The portal as one image: web, workers, clock and relay differ in their command and settings alone. Node is needed to
# build it only.
FROM node:24-bookworm-slim AS frontend
WORKDIR /portal/frontend
COPY frontend/ ./
RUN npm ci --ignore-scripts && npm run build

FROM python:3.11-slim-bookworm AS portal
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
# SoftHSM2 is a security module in software: for trials, and where there is no other.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core softhsm2 \
    && rm -rf /var/lib/apt/lists/*
ENV SOFTHSM2_CONF=/portal/docs/operations/compose/softhsm2.conf OAS_STATIC=/portal/static/collected
WORKDIR /portal
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/base.txt \
    && pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/s3.txt
COPY . .
COPY --from=frontend /portal/static/vendor static/vendor
RUN python -m oas_trafficking.launcher.catalogues compile locale/*/LC_MESSAGES/*.po \
    && OAS_SECRET_KEY=of-the-build-alone-and-nowhere-kept-000000000000000000 DATABASE_URL=postgres://nobody@localhost/none \
       REDIS_URL=redis://localhost/0 OAS_HOSTS=localhost OAS_VAR=/tmp python manage.py collectstatic --no-input \
    && install -d -o nobody -g nogroup /data /anchors
USER nobody

# For backups: the programs of the server's own version beside the portal.
FROM portal AS backup
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends libldap-2.5-0 libgssapi-krb5-2 liblz4-1 libzstd1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=postgres:18-bookworm /usr/lib/postgresql/18/bin/ /usr/lib/postgresql/18/bin/
COPY --from=postgres:18-bookworm /usr/lib/*-linux-gnu/libpq.so.5* /usr/lib/
ENV OAS_PG_BIN=/usr/lib/postgresql/18/bin
USER nobody

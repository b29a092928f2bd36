# The portal as one image: web, worker, beat and relay differ in their command alone. Node is needed to build it only.
FROM node:24-bookworm-slim AS frontend
WORKDIR /portal/frontend
COPY frontend/ ./
RUN npm ci --ignore-scripts && npm run build

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /portal
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/base.txt
COPY . .
COPY --from=frontend /portal/static/vendor static/vendor
RUN python -m oas_trafficking.launcher.catalogues compile locale/*/LC_MESSAGES/*.po \
    && install -d -o nobody -g nogroup /data
USER nobody

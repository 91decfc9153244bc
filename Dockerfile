# The web and worker image; PostGIS and the broker are services of their own (compose.yaml).
FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv fonts-noto-cjk ca-certificates postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /srv/yiping yiping
WORKDIR /srv/yiping/checkout
COPY requirements.txt requirements-uv.txt ./
RUN python3 -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
 && .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements.txt
COPY app app
COPY layers layers
COPY geodata geodata
COPY etl etl
ENV PYTHONPATH=/srv/yiping/checkout YIPING_HOME=/srv/yiping/home YIPING_HOST=0.0.0.0
RUN install -d -o yiping -g yiping /srv/yiping/home
USER yiping
VOLUME /srv/yiping/home
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8050/healthz', timeout=2)"]
ENTRYPOINT [".venv/bin/python", "-m", "app.cli"]
CMD ["up"]

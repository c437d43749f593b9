"""Many visitors at once, without browsers: they speak Streamlit's own websocket protocol. ``python -m tests.load``."""

"""Relevance Lab: the rooms of the app. ``ui`` draws with Streamlit; the others are the core and never import it."""

__version__ = "0.1.0"

"""Relevance Lab: the rooms of the app. ``ui`` draws with Streamlit; every other room is the core and never imports it."""

__version__ = "0.1.0"

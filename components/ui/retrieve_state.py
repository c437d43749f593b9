"""What Streamlit keeps for Retrieve & re-rank: the open indexes of the server, and one visitor's flow."""

from __future__ import annotations

import streamlit as st

from components import settings
from components.retrieval.indexing import OpenIndexes
from components.retrieval.shelf import Shelf
from components.ui import engine
from components.ui.retrieve_flow import RetrieveFlow
from components.ui.retrieve_records import Shared, Tools
from components.ui.streamlit_private import is_connected, session_id

_FLOW = "lab_retrieve"


@st.cache_resource(show_spinner=False)
def shared() -> Shared:
    """Open indexes and runs, shared by the visitors of this server."""
    folder = settings.cache_folder()
    shelf = Shelf(folder, settings.most_cache_bytes()) if folder else None
    indexes = OpenIndexes(shelf, most_index_bytes=settings.most_index_bytes())
    return Shared(indexes, folder=settings.collections_folder())


def flow() -> RetrieveFlow:
    """Where this visitor stands."""
    if _FLOW not in st.session_state:
        st.session_state[_FLOW] = RetrieveFlow()
    return st.session_state[_FLOW]


def tools() -> Tools:
    """What a look needs."""
    visitor = session_id()
    return Tools(engine.engine().room, engine.engine().scheduler, shared(), visitor, is_connected(visitor))

"""Nobody's text is where it must not be, and nothing leaves the machine: one visitor goes through all pages."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.compare_page import ComparePage
from tests.browser.entailment_page import EntailmentPage
from tests.browser.retrieve_page import RetrievePage
from tests.browser.tokens_page import TokensPage
from tests.running import ROOT


def files_with(folder: Path, words: list[bytes], newer_than: float = 0.0) -> list[str]:
    """The files below a folder that hold one of the words, in their name or their content."""
    found = []
    for path in folder.rglob("*"):
        if any(word in path.name.encode() for word in words):
            found.append(str(path))
        elif path.is_file() and path.stat().st_mtime > newer_than:
            content = path.read_bytes()
            found += [f"{path}: {word!r}" for word in words if word in content]
    return found


class Trail:
    """What a page asks for, and of whom."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("framenavigated", lambda frame: self.addresses.append(frame.url))
        page.on("websocket", lambda socket: self.addresses.append(socket.url))

    def outside(self) -> list[str]:
        return [url for url in self.addresses if not re.match(r"(https?|wss?)://localhost|data:|blob:|about:", url)]


def test_a_visitors_text_is_nowhere_and_nothing_leaves_the_machine(new_context, start_server, tmp_path):
    home, temporary, cache = (tmp_path / name for name in ("home", "temporary", "cache"))
    for folder in (home, temporary, cache):
        folder.mkdir()
    server = start_server(
        HOME=str(home), TMPDIR=str(temporary), XDG_CACHE_HOME=str(home / ".cache"), RELEVANCE_LAB_CACHE=str(cache)
    )
    secret = f"zq{secrets.token_hex(8)}"
    began = server.output.stat().st_mtime
    page = new_context().new_page()
    trail = Trail(page)

    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    lab.paste(f"what is {secret} made of", [f"{secret} is made of rain.", "Bread is made of flour."])
    file = {"name": f"{secret}.csv", "mimeType": "text/csv", "buffer": b"id,text\n1,one\n2,two,three\n"}
    page.locator(".inputs #file").set_input_files(file)
    expect(lab.problem).to_contain_text(f"Line 3 of {secret}.csv has 3 fields")
    page.get_by_role("link", name="Tokens").click()
    TokensPage(page).wait()
    expect(page.locator(".tokens .line.document")).to_contain_text(secret[:6])

    page.get_by_role("link", name="Timing").click()
    expect(page.locator(".timing")).to_be_visible()
    page.get_by_role("link", name="Retrieve & re-rank").click()
    retrieve = RetrievePage(page)
    expect(retrieve.finding).not_to_be_empty()
    lines = [f"{secret} number {n} is passage {n * 7}" for n in range(300)]
    retrieve.upload("Passages", f"{secret}.txt", "\n".join(lines).encode())
    expect(retrieve.said).to_contain_text("300 passages")
    retrieve.ask(f"where is {secret}")
    expect(retrieve.second.first).to_be_visible()

    page.get_by_role("link", name="Textual entailment").click()
    entailment = EntailmentPage(page).open(f"{server.url}/entailment")
    entailment.ask(f"{secret} sings.", f"Somebody called {secret} makes a sound.", 1)
    page.get_by_role("link", name="Lessons").click()
    expect(page.locator(".lessons #question")).not_to_be_empty()
    page.get_by_role("link", name="About").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("No problem found.")

    words = [secret.encode(), secret.upper().encode()]
    assert trail.outside() == []
    assert not server.network_log.exists(), server.network_log.read_text()
    assert not [url for url in trail.addresses if secret in url]
    assert secret not in server.output.read_text(errors="replace")
    for folder in (home, temporary, cache):
        assert files_with(folder, words) == []
    assert files_with(ROOT, words, newer_than=began) == []
    assert list(cache.rglob("vectors.npy")), "the index was kept, without the text"


def test_the_error_of_a_page_says_nothing_of_the_text_in_page_and_log(new_context, start_server, tmp_path):
    """A page that fails with the visitor's text in the error: a sentence on the page, kind and place in the log."""
    script = tmp_path / "app.py"
    source = (ROOT / "app.py").read_text(encoding="utf-8")
    broken = 'raise ValueError("the secret " + st.query_params["say"])'
    script.write_text(source.replace("    if let_in(page.url_path):", f"    {broken}\n    if let_in(page.url_path):"))
    (tmp_path / "pages").symlink_to(ROOT / "pages")
    server = start_server(script=str(script))
    page = new_context().new_page()
    page.goto(f"{server.url}/?say=zqzqzq")
    expect(page.get_by_text("Something went wrong on this page.")).to_be_visible()
    assert "zqzqzq" not in page.locator("body").inner_text()
    log = server.output.read_text(errors="replace")
    assert "a page failed: ValueError in" in log
    assert "zqzqzq" not in log

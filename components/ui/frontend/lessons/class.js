/* The teacher's room: code, link, QR code and the live counts. Its secret is kept in this browser, so that a reload, or
   another window, can go on with it: at once in the tab that had the room, by a button elsewhere. */

const KEPT_ROOM = "relevance-lab-room";

/** What is kept of the room: {code, teacher, address}, or null. A browser may refuse to keep anything. */
const keptRoom = {
  get(store) {
    try { return JSON.parse(window[store].getItem(KEPT_ROOM)); } catch { return null; }
  },
  set(store, room) {
    try {
      if (room) window[store].setItem(KEPT_ROOM, JSON.stringify(room));
      else window[store].removeItem(KEPT_ROOM);
    } catch { /* then a reload loses the room */ }
  },
};

class ClassRoom {
  constructor(view) {
    this.view = view;
    this.isShown = false;
    const at = (this.at = view.at);
    at("class").addEventListener("click", () => { this.isShown = !this.isShown; this.draw(); });
    at("room-open").addEventListener("click", () => view.tell("room"));
    at("room-resume").addEventListener("click", () => view.tell("resume", keptRoom.get("localStorage")));
    at("room-close").addEventListener("click", () => { this.isClosing = true; this.forget(); view.tell("close"); });
    at("room-confirm").addEventListener("click", () => view.tell("address", at("room-address").value));
    at("room-address").addEventListener("keydown", (event) => { if (event.key === "Enter") view.tell("address", at("room-address").value); });
    at("room-copy").addEventListener("click", () => this.copy());
    at("room-address").value = location.origin;
  }

  update({ room, options }) {
    if (room) this.isShown = true;
    this.keep(room);
    this.data = room;
    this.options = options;
    this.draw();
  }

  /** Keep an open room's secret; go on with the room that this tab had before it was loaded anew. */
  keep(room) {
    const isFirst = !this.wasUpdated;
    this.wasUpdated = true;
    if (room?.code) {
      if (this.isClosing) return;
      const { code, teacher, address } = room;
      for (const store of ["localStorage", "sessionStorage"]) keptRoom.set(store, { code, teacher, address });
      if (address && this.data?.code !== code) this.at("room-address").value = address;
      return;
    }
    this.isClosing = false;
    const mine = keptRoom.get("sessionStorage");
    if (isFirst && mine && !room) this.view.tell("resume", mine);
    else if (room?.gone) this.forget();
    else if (room?.problem || this.data?.code) keptRoom.set("sessionStorage", null); // it goes on in another window
  }

  forget() {
    for (const store of ["localStorage", "sessionStorage"]) keptRoom.set(store, null);
  }

  draw() {
    const { at, data } = this;
    at("room").hidden = !this.isShown;
    at("class").setAttribute("aria-expanded", String(this.isShown));
    at("room-problem").hidden = !data?.problem;
    setText(at("room-problem"), data?.problem ?? "");
    const isOpen = Boolean(data?.code);
    at("room-start").hidden = isOpen;
    at("room-live").hidden = !isOpen;
    const kept = isOpen ? null : keptRoom.get("localStorage");
    at("room-resume").hidden = !kept;
    setText(at("room-resume"), kept ? `Go on with room ${kept.code}` : "");
    if (!isOpen) return;
    setText(at("room-code"), data.code);
    setText(at("room-voices"), `${data.voices} of at most ${data.most} voices; closes in ${data.minutes} min.`);
    setText(at("room-link"), data.link);
    at("room-copy").hidden = !data.link;
    const isLocal = /\/\/(localhost|127\.|\[::1\])/.test(at("room-address").value);
    setText(at("room-note"), isLocal ? "Phones cannot reach this address: type the machine's own." : "");
    this.drawCode(data.qr);
    at("room-counts").replaceChildren(...this.options.map(({ id, text }) => {
      const item = make("li");
      const track = make("span", "track");
      const bar = make("i");
      const count = data.counts[id] ?? 0;
      bar.style.width = `${(100 * count) / (data.voices || 1)}%`;
      bar.style.background = "var(--st-primary-color)";
      track.append(bar);
      item.append(make("span", "", text), track, make("b", "", String(count)));
      item.dataset.option = id;
      return item;
    }));
  }

  drawCode(rows) {
    const box = this.at("room-qr");
    const key = rows.join();
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren();
    if (!rows.length) return;
    const quiet = 4; // modules of white around it, as the standard asks
    const size = rows.length + 2 * quiet;
    const svg = shape("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "QR code of the link", "shape-rendering": "crispEdges" });
    const path = rows.flatMap((row, y) => [...row].map((cell, x) => (cell === "1" ? `M${x + quiet} ${y + quiet}h1v1h-1z` : ""))).join("");
    svg.append(shape("rect", { width: size, height: size, fill: "#fff" }), shape("path", { d: path, fill: "#000" }));
    box.append(svg);
  }

  /** Without https there is no clipboard for pages: then the link is selected, and the reader copies it. */
  async copy() {
    const link = this.at("room-link");
    const select = () => { const range = document.createRange(); range.selectNodeContents(link); getSelection().removeAllRanges(); getSelection().addRange(range); };
    if (!window.isSecureContext || !navigator.clipboard) { select(); setText(this.at("room-note"), "Selected: press Ctrl+C."); return; }
    try { await navigator.clipboard.writeText(this.data.link); setText(this.at("room-note"), "Copied."); } catch { select(); setText(this.at("room-note"), "Selected: press Ctrl+C."); }
  }
}

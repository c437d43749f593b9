/* Links: made on request by the server, which knows the table, and put together here, where the address is known. */

const AGAIN_MS = 3000; // a question that was not answered is asked again
const MOST_URL = 8000; // characters of the whole address

/** What a view adds to the fragment while it is on the screen: each puts a function into ``relevanceLabLinks``. */
function partsOfViews() {
  return Object.values(window.relevanceLabLinks ?? {}).map((part) => part()).filter(Boolean).join("&");
}

class Links {
  constructor(view) {
    this.view = view;
    this.asked = 0; // number of the link that is waited for
    this.opening = null; // { hash, at } that the server has not taken yet
    this.taken = null; // the hash that was opened last
    addEventListener("hashchange", () => this.open());
  }

  get address() {
    return `${location.origin}${location.pathname}#`;
  }

  /** Ask for a link once what is being typed has reached the server. */
  copy(tries = 0) {
    if (window.relevanceLabPending?.() && tries < 60) {
      setTimeout(() => this.copy(tries + 1), 100);
      return;
    }
    const parts = partsOfViews();
    this.asked = Date.now();
    this.parts = parts ? `&${parts}` : "";
    this.ask();
  }

  ask() {
    const number = this.asked;
    this.view.send("link", { number, room: MOST_URL - this.address.length - this.parts.length });
    setTimeout(() => { if (this.asked === number && this.view.root.isConnected) this.ask(); }, AGAIN_MS);
  }

  async answer(link) {
    if (!link || link.number !== this.asked) return;
    this.asked = 0;
    if (link.problem) { this.view.say(link.problem, { file: true }); return; }
    const url = `${this.address}${link.fragment}${this.parts}`;
    const words = `${url.length.toLocaleString("en")} characters. ${link.words}`;
    try {
      await navigator.clipboard.writeText(url);
      this.view.say(`Link copied: ${words}`, { passing: true });
    } catch { // no permission, or no secure address: then it is there to be copied by hand
      this.view.say(`Copy this link: ${words}`, { url });
    }
  }

  /** Hand the fragment of the address to the server, once; it comes through the page, never in a request. */
  open() {
    const { hash } = location;
    if (!/[#&]lab=/.test(hash) || hash === this.taken) return;
    window.dispatchEvent(new CustomEvent("relevance-lab-new-text"));
    this.taken = hash;
    this.opening = { hash, at: Date.now() };
    this.hand();
  }

  hand() {
    const { opening } = this;
    if (!opening || !this.view.root.isConnected) return;
    this.view.send("open", opening);
    setTimeout(() => { if (this.opening === opening) this.hand(); }, AGAIN_MS);
  }

  update({ session, link, opened }) {
    if (this.session !== session) { // the page is new, or the server is: the address says what is wanted
      this.session = session;
      this.taken = null;
      this.open();
    }
    if (this.opening && opened >= this.opening.at) {
      window.relevanceLabOpened = this.opening.hash;
      this.opening = null;
    }
    this.answer(link);
  }
}

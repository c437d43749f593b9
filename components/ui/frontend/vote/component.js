/* A student's phone: one question, one prediction a browser. The token lives in this browser only. */

function tokenOf(code) {
  const name = `relevance_lab_voice_${code}`;
  try {
    const kept = localStorage.getItem(name);
    if (kept) return kept;
    const made = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
    localStorage.setItem(name, made);
    return made;
  } catch {
    // No storage (a private window may refuse it): the token lasts as long as the page.
    return (window.relevanceLabVoice ??= [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join(""));
  }
}

class VoteView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.at("again").addEventListener("click", () => this.tell("again"));
  }

  tell(what, option = "") {
    const { lesson, item, code } = this.data;
    this.send("do", { do: what, option, lesson, item, token: tokenOf(code), at: Date.now() });
  }

  update(data, send) {
    const isFirst = !this.data;
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    setText(this.at("code"), data.code);
    setText(this.at("said"), data.said);
    this.at("open").hidden = !data.is_open;
    if (!data.is_open) return;
    setText(this.at("question"), data.question);
    setText(this.at("ask"), data.ask);
    drawCards(this.at("texts"), data);
    drawOptions(this.at("options"), data.options, data.voted, Boolean(data.voted || data.revealed), (id, button) => this.vote(id, button));
    setText(this.at("note"), data.revealed ? "The result is on the screen in front." : data.voted ? "When the class goes on, press “Next question”." : "");
    if (isFirst) this.tell("hello"); // a reload: has this browser predicted already?
  }

  vote(id, button) {
    button.setAttribute("aria-pressed", "true");
    for (const one of this.at("options").children) one.disabled = true;
    this.tell("vote", id);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".vote");
  const view = root.labView ?? (root.labView = new VoteView(root));
  view.update(data, setTriggerValue);
}

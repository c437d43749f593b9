/* The query and documents boxes. Text goes up once, as a trigger; the boxes are the browser's own while one types.
   A draft is kept in this browser (IndexedDB, under an id of this tab), so that a reload or a restart loses nothing. */

const PASTE_MS = 30; // a paste is sent at once
const TYPE_MS = 350; // typing is sent when it pauses

const drafts = {
  tab() {
    let id = sessionStorage.getItem("relevance-lab-tab");
    if (!id) {
      id = crypto.getRandomValues(new Uint32Array(4)).join("-");
      sessionStorage.setItem("relevance-lab-tab", id);
    }
    return id;
  },
  open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("relevance-lab", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("drafts");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  },
  async run(mode, act) {
    // Private windows may have no storage: then there is no draft, and nothing else changes.
    try {
      const base = await drafts.open();
      return await new Promise((resolve, reject) => {
        const request = act(base.transaction("drafts", mode).objectStore("drafts"));
        request.onsuccess = () => { base.close(); resolve(request.result); };
        request.onerror = () => { base.close(); reject(request.error); };
      });
    } catch {
      return undefined;
    }
  },
  save: (draft) => drafts.run("readwrite", (store) => store.put(draft, drafts.tab())),
  load: () => drafts.run("readonly", (store) => store.get(drafts.tab())),
  forget: () => drafts.run("readwrite", (store) => store.delete(drafts.tab())),
};

function fillSelect(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map((option) => {
      const element = make("option", "", option.title);
      element.value = option.id;
      return element;
    }));
    select.dataset.options = wanted;
  }
  if (select.value !== value) select.value = value;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".inputs");
  const at = (id) => root.querySelector(`#${id}`);
  const state = root.labState ?? (root.labState = { version: -1, session: null, timer: 0 });
  state.send = setTriggerValue;
  state.data = data;

  const current = () => ({ query: at("query").value, documents: at("documents").value, split: at("split").value });
  const submit = () => {
    clearTimeout(state.timer);
    state.timer = 0;
    const text = current();
    if (text.query.length + text.documents.length > state.data.most_characters) {
      state.send("edit", { too_long: text.query.length + text.documents.length });
      return;
    }
    drafts.save(text);
    state.send("edit", text);
  };
  const later = (ms) => {
    state.typed = true; // since the server was last asked for a text
    clearTimeout(state.timer);
    state.timer = setTimeout(submit, ms);
  };
  const ask = (name, value) => {
    clearTimeout(state.timer);
    state.timer = 0;
    state.typed = false;
    drafts.forget();
    state.send(name, value);
  };

  if (!state.listening) {
    state.listening = true;
    for (const id of ["query", "documents"]) {
      at(id).addEventListener("input", (event) =>
        later(["insertFromPaste", "insertFromDrop"].includes(event.inputType) ? PASTE_MS : TYPE_MS));
      at(id).addEventListener("change", () => { if (state.timer) submit(); });
    }
    at("query").addEventListener("keydown", (event) => { if (event.key === "Enter") submit(); });
    at("split").addEventListener("change", submit);
    at("example").addEventListener("change", () => {
      if (at("example").value) ask("example", at("example").value);
    });
    at("forget").addEventListener("click", () => {
      at("query").value = at("documents").value = "";
      ask("forget", Date.now());
    });
    addEventListener("pagehide", () => { if (state.timer) drafts.save(current()); });
  }

  const newSession = state.session !== data.session;
  const hadText = state.session !== null && (at("query").value || at("documents").value);
  if (newSession && !data.touched && hadText) {
    submit(); // the server was restarted while this page stayed open: what is in the boxes is the truth
  } else if ((data.version !== state.version && !state.typed) || newSession) {
    // Where somebody has typed on before the text they asked for came, what they typed stands.
    at("query").value = data.query;
    if (data.documents !== null) at("documents").value = data.documents;
    at("split").value = data.split;
  }
  if (newSession && !data.touched && !hadText) {
    drafts.load().then((draft) => {
      if (!draft || state.timer) return;
      at("query").value = draft.query;
      at("documents").value = draft.documents;
      at("split").value = draft.split;
      submit();
    });
  }
  state.session = data.session;
  state.version = data.version;

  fillSelect(at("example"), [{ id: "", title: "your own text" }, ...data.examples], data.example);
  root.classList.toggle("dark", isDark(root));
  root.classList.toggle("settled", data.settled);
  setText(at("found"), data.found);
  setText(at("look"), data.look_at);
  setText(at("limits"), data.limits);
  setText(at("problem"), data.problem);
  at("problem").hidden = !data.problem;
}

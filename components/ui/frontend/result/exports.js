/* Files to take away: made by the server on request, saved here once. A PNG is painted here, from the SVG. */

const PNG_SCALE = 2; // pixels of the picture for one of the drawing

class Exports {
  constructor(view) {
    this.view = view;
    this.asked = 0;
  }

  update({ exports: choices, terms, download }) {
    const box = this.view.at("exports");
    this.view.at("taking").hidden = !choices.length;
    const wanted = JSON.stringify(choices);
    if (box.dataset.shown !== wanted) {
      box.dataset.shown = wanted;
      box.replaceChildren(...choices.map(({ id, title }) => {
        const button = make("button", "", title);
        button.type = "button";
        const term = id === "qrels" ? terms.qrels : id.startsWith("run ") ? terms.run : "";
        if (term) button.title = term;
        button.addEventListener("click", () => this.ask(id));
        return button;
      }));
    }
    if (download && download.number === this.asked) this.take(download);
  }

  ask(what) {
    this.view.judging.flush();
    this.asked = Date.now();
    setText(this.view.at("export-said"), "One moment …");
    this.view.send("export", { what, number: this.asked });
  }

  async take({ name, mime, text, png, problem }) {
    this.asked = 0;
    let said = problem || `${name} is saved.`;
    if (!problem) {
      try {
        saveFile(name, png ? await paint(text) : new Blob([text], { type: mime }));
      } catch {
        said = "This browser cannot paint the picture: take the SVG instead.";
      }
    }
    setText(this.view.at("export-said"), said);
  }
}

/** An SVG document as a PNG, without asking anybody. */
async function paint(svg) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = make("canvas");
  canvas.width = picture.naturalWidth * PNG_SCALE;
  canvas.height = picture.naturalHeight * PNG_SCALE;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

function saveFile(name, blob) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

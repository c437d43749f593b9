/* The model panel. */

class Panel {
  constructor(view) {
    this.view = view;
  }

  opened() {}

  closed() {}

  update() {}
}

/**
 * What lies over the page: drawers, menus, sheets. Escape closes the top one first.
 */

export class Layers {
  readonly #open: (() => void)[] = [];

  /** Puts a layer on top; returns how to take it away again, wherever it lies by then. */
  push(close: () => void): () => void {
    this.#open.push(close);
    return () => {
      const at = this.#open.lastIndexOf(close);
      if (at >= 0) this.#open.splice(at, 1);
    };
  }

  /** Closes the top layer; false when none is open. */
  closeTop(): boolean {
    const close = this.#open.pop();
    close?.();
    return close !== undefined;
  }
}

/** Listeners for changes of users and roles. They are called at the end of an apply. */
export class AuthListeners {
  readonly #listeners = new Set<() => void>();
  #hasChanged = false;

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    this.#hasChanged = true;
  }

  flush(): void {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    for (const listener of [...this.#listeners]) listener();
  }
}

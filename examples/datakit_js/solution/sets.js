// A set of strings that lists its items in ascending order.
export class StringSet {
  #items;

  constructor(items = []) {
    this.#items = new Set(items);
  }

  get size() {
    return this.#items.size;
  }

  // Add an item; return whether it is new.
  add(item) {
    const before = this.#items.size;
    return this.#items.add(item).size > before;
  }

  // Remove an item; return whether it was there.
  remove(item) {
    return this.#items.delete(item);
  }

  // Return whether an item is there.
  contains(item) {
    return this.#items.has(item);
  }

  // Return the items in ascending order.
  items() {
    return [...this.#items].sort();
  }

  // Return a new set of the items that are in either.
  union(other) {
    return new StringSet([...this.#items, ...other.#items]);
  }

  // Return a new set of the items that are in both.
  intersect(other) {
    return new StringSet([...this.#items].filter((item) => other.contains(item)));
  }
}

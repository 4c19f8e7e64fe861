// A buffer of fixed capacity that keeps the newest.
export class Ring {
  #capacity;
  #items = [];

  // Throws a RangeError for a capacity below 1.
  constructor(capacity) {
    if (capacity < 1) {
      throw new RangeError(`capacity ${capacity}: must be 1 or more`);
    }
    this.#capacity = capacity;
  }

  get size() {
    return this.#items.length;
  }

  // Add an element; if the ring is full, the oldest makes room.
  push(value) {
    if (this.#items.length === this.#capacity) {
      this.#items.shift();
    }
    this.#items.push(value);
  }

  // Remove the oldest element and return it. Throws a RangeError if there is none.
  pop() {
    if (this.#items.length === 0) {
      throw new RangeError('the ring is empty');
    }
    return this.#items.shift();
  }

  // Return the capacity, which never changes.
  capacity() {
    return this.#capacity;
  }

  // Return a copy of the elements, from the oldest to the newest.
  items() {
    return [...this.#items];
  }
}

// A heap of whole numbers: the smallest is the first out.
export class Heap {
  #items = [];

  constructor(items = []) {
    for (const item of items) {
      this.push(item);
    }
  }

  get size() {
    return this.#items.length;
  }

  // Add a value.
  push(value) {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent] <= value) {
        break;
      }
      items[at] = items[parent];
      at = parent;
    }
    items[at] = value;
  }

  // Remove the smallest element and return it. Throws a RangeError if there is none.
  pop() {
    const smallest = this.peek();
    const last = this.#items.pop();
    if (this.#items.length > 0) {
      this.#sink(last);
    }
    return smallest;
  }

  // Return the smallest element. Throws a RangeError if there is none.
  peek() {
    if (this.#items.length === 0) {
      throw new RangeError('the heap is empty');
    }
    return this.#items[0];
  }

  // Put a value in place of the root, below everything that is smaller.
  #sink(value) {
    const items = this.#items;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1] < items[child]) {
        child += 1;
      }
      if (items[child] >= value) {
        break;
      }
      items[at] = items[child];
      at = child;
    }
    items[at] = value;
  }
}

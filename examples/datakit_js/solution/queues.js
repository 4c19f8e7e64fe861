// A queue of whole numbers: the first in is the first out.
export class Queue {
  #items = [];

  get size() {
    return this.#items.length;
  }

  // Add a value behind the others.
  enqueue(value) {
    this.#items.push(value);
  }

  // Remove the front and return it. Throws a RangeError if there is none.
  dequeue() {
    const front = this.peek();
    this.#items.shift();
    return front;
  }

  // Return the front. Throws a RangeError if there is none.
  peek() {
    if (this.#items.length === 0) {
      throw new RangeError('the queue is empty');
    }
    return this.#items[0];
  }
}

// A stack of whole numbers: the last in is the first out.
export class Stack {
  #items = [];

  get size() {
    return this.#items.length;
  }

  // Put a value on top.
  push(value) {
    this.#items.push(value);
  }

  // Remove the top and return it. Throws a RangeError if there is none.
  pop() {
    const top = this.peek();
    this.#items.pop();
    return top;
  }

  // Return the top. Throws a RangeError if there is none.
  peek() {
    if (this.#items.length === 0) {
      throw new RangeError('the stack is empty');
    }
    return this.#items.at(-1);
  }

  // Return a copy of the elements, from the bottom to the top.
  items() {
    return [...this.#items];
  }
}

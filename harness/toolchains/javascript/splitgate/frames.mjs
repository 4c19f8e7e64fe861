// Frames between the two sides: one line of JSON each, over named pipes.
//
//   idle   orders for the code's side while it waits in its event loop
//   wait   what it gets while it waits for an answer of the spec's side
//   out    everything that it says itself
//
// Two ways lead to the code's side, so that a read of its event loop never takes what a blocked call waits for.

import fs from 'node:fs';

const CHUNK = 1 << 16;
export const LARGEST = 64 << 20; // bytes of a frame

export class GoneError extends Error {}

// Splits bytes into frames.
export class LineBuffer {
  #parts = [];
  #size = 0;
  #lines = [];

  feed(data) {
    let start = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
      this.#parts.push(data.subarray(start, end));
      this.#lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#size = 0;
      start = end + 1;
    }
    if (start < data.length) {
      const rest = Buffer.from(data.subarray(start));
      this.#parts.push(rest);
      this.#size += rest.length;
      if (this.#size > LARGEST) throw new GoneError('a message is too long');
    }
  }

  next() {
    return this.#lines.shift();
  }
}

export function writeAll(descriptor, text) {
  let data = Buffer.from(text + '\n', 'utf8');
  if (data.length > LARGEST) throw new RangeError('a value is too large to cross');
  while (data.length) {
    try {
      data = data.subarray(fs.writeSync(descriptor, data));
    } catch (error) {
      if (error.code === 'EAGAIN') continue;
      throw new GoneError('the process of the code has ended');
    }
  }
}

const room = Buffer.allocUnsafe(CHUNK);

// Reads one chunk into the lines: undefined where a descriptor that does not block has nothing.
export function readInto(lines, descriptor) {
  let count;
  try {
    count = fs.readSync(descriptor, room, 0, CHUNK, null);
  } catch (error) {
    if (error.code === 'EAGAIN') return undefined;
    throw new GoneError(`the process of the code cannot be heard: ${error.code}`);
  }
  if (!count) throw new GoneError('the process of the code has ended');
  lines.feed(room.subarray(0, count));
  return count;
}

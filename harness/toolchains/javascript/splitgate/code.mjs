// The code's side: holds the modules of the workspace, and serves what the spec's side asks. Everything in this process
// is at the mercy of the code, so nothing that it says is believed for more than a value.
//
//   node code.mjs PIPES RUN ROOT [bundled]
//
// With `bundled`, imports are resolved as jest and bundlers do.

import fs from 'node:fs';
import { createRequire, register } from 'node:module';
import net from 'node:net';
import { pathToFileURL } from 'node:url';

import { GoneError, LineBuffer, readInto, writeAll } from './frames.mjs';
import { Peer } from './peer.mjs';
import { Listing } from './values.mjs';

const [pipes, run, root, bundled] = process.argv.slice(2);
process.argv.splice(2);
if (bundled) register('./bundled.mjs', import.meta.url, { data: { root: pathToFileURL(`${root}/`).href, module: false } });

const idle = fs.openSync(`${pipes}/idle${run}`, 'r');
const wait = fs.openSync(`${pipes}/wait${run}`, 'r');
const out = fs.openSync(`${pipes}/out${run}`, 'w');

class CodeSide extends Peer {
  #waiting = new LineBuffer();

  send(text) {
    writeAll(out, text);
  }

  receive() {
    for (;;) {
      const line = this.#waiting.next();
      if (line !== undefined) return line;
      readInto(this.#waiting, wait);
    }
  }

  operate(name, values) {
    const [subject] = values;
    switch (name) {
      case 'import':
        return importOf(String(values[0]), values[1] === true);
      case 'call':
        return Reflect.apply(subject, values[1], values[2]);
      case 'new':
        return Reflect.construct(subject, values[1]);
      case 'get':
        return subject[values[1]];
      case 'set':
        subject[values[1]] = values[2];
        return true;
      case 'has':
        return Reflect.has(subject, values[1]);
      case 'delete':
        return Reflect.deleteProperty(subject, values[1]);
      case 'keys':
        return new Listing(Reflect.ownKeys(subject));
      case 'descriptor': {
        const property = Reflect.getOwnPropertyDescriptor(subject, values[1]);
        return property && new Listing([subject[values[1]], property.enumerable]);
      }
      case 'prototype':
        return Reflect.getPrototypeOf(subject);
      case 'instance':
        return subject instanceof values[1];
    }
    throw new TypeError(`there is no operation ${name}`);
  }
}

const require = createRequire(`${root}/`);

// A module as a list of its exports: pairs of name and value. An ECMAScript module comes as a promise of it.
function importOf(path, isCommon) {
  if (!isCommon) return import(pathToFileURL(`${root}/${path}`).href).then((module) => Object.entries({ ...module }));
  const exported = require(`${root}/${path}`);
  return [['module.exports', exported]];
}

const side = new CodeSide('c');
process.on('unhandledRejection', () => {});
process.on('uncaughtException', (error) => {
  fs.writeSync(2, `${error?.stack ?? error}\n`);
});

const lines = new LineBuffer();
const orders = new net.Socket({ fd: idle, readable: true, writable: false });
orders.on('data', (data) => {
  try {
    lines.feed(data);
    for (let line = lines.next(); line !== undefined; line = lines.next()) side.heard(line);
  } catch (error) {
    if (error instanceof GoneError) process.reallyExit(0);
    throw error;
  }
});
orders.on('end', () => process.reallyExit(0));

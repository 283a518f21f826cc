// SPDX-License-Identifier: Apache-2.0
// Loaded with --import: counts the operations of node:fs in all threads, and kills the process before operation STOP_AT.
// A program turns the counting on and off with `true` and `false` on the diagnostics channel; then the count is printed.
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const stopAt = Number(process.env.STOP_AT ?? 0);
const key = 'stop-at';
if (isMainThread) setEnvironmentData(key, new Int32Array(new SharedArrayBuffer(8)));
const shared: unknown = getEnvironmentData(key);
if (!(shared instanceof Int32Array)) throw new Error('the counter is missing');
const state = shared;

function count(): void {
  if (Atomics.load(state, 0) === 0) return;
  if (Atomics.add(state, 1, 1) + 1 === stopAt) process.kill(process.pid, 'SIGKILL');
}

/** Streams make their calls through the functions that are wrapped here. */
const leaveAlone = /^(create|watch|unwatch|_|[A-Z]|constructor$|on$|once$|off$|emit$|to)/;

function wrapAll(functions: object): void {
  for (const name of Object.getOwnPropertyNames(functions)) {
    const { value, writable } = Object.getOwnPropertyDescriptor(functions, name) ?? {};
    if (typeof value !== 'function' || leaveAlone.test(name) || writable !== true) continue;
    const original: (...args: unknown[]) => unknown = value;
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      count();
      return Reflect.apply(original, this, args);
    };
    // Promisified forms and `realpath.native` are properties of the functions.
    Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
    Object.defineProperty(functions, name, { value: wrapped, writable: true, configurable: true });
  }
}

const file = await fs.promises.open('/dev/null');
wrapAll(Object.getPrototypeOf(file));
await file.close();
wrapAll(fs);
wrapAll(fs.promises);
syncBuiltinESMExports();

if (isMainThread) {
  subscribe('lading:counting', (isOn) => {
    Atomics.store(state, 0, isOn === true ? 1 : 0);
    if (isOn !== true) process.stdout.write(`${Atomics.load(state, 1)}\n`);
  });
}

// SPDX-License-Identifier: Apache-2.0

// Runs in the container: a module of WASI preview 1, with the container's arguments, environment and files.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

const [, , command = '', ...args] = process.argv;
const folders = command.includes('/') ? [''] : [...(process.env.PATH ?? '').split(':'), '.'];
const file = folders.map((folder) => join(folder, command)).find(existsSync);
if (file === undefined) {
  process.stderr.write(`${command}: no such module in the container\n`);
  process.exit(127);
}
const wasi = new WASI({
  version: 'preview1',
  args: [command, ...args],
  env: process.env,
  preopens: { '/': '/', '.': '.' },
});
const module = new WebAssembly.Module(readFileSync(file));
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);

/** What the types of Node.js leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
};

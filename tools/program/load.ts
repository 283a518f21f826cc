// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, Script } from 'node:vm';
import { codeCachesOf, openCodeCache } from './code-cache.ts';
import { createFileReader } from './file-reader.ts';

/** Runs `main.js` of this folder, and what it requires of it, with what V8 has compiled in earlier runs. */
export function start(
  program: string,
  caches: string | undefined = codeCachesOf(program, process.env),
): void {
  const folder = `${__dirname}/`;
  const cache =
    caches === undefined ? undefined : openCodeCache(caches, readFileSync(`${folder}build`, 'latin1'));
  const read = createFileReader();
  const loaded = new Map<string, { readonly exports: unknown }>();
  const others = createRequire(__filename);
  const requireFile = (name: string): unknown => (name.startsWith('./') ? load(name.slice(2)) : others(name));
  const load = (name: string): unknown => {
    const before = loaded.get(name);
    if (before !== undefined) return before.exports;
    const filename = `${folder}${name}`;
    const cachedData = cache?.read(name);
    // The bundler writes ASCII, which is read fastest so.
    const script = new Script(read(filename).toString('latin1'), {
      filename,
      ...(cachedData && { cachedData }),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER, // a runtime of the user's own
    });
    cache?.loaded(name, script);
    const module = { exports: {} };
    loaded.set(name, module);
    script.runInThisContext()(module.exports, requireFile, module, filename);
    return module.exports;
  };
  load('main.js');
}

// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts files that are loaded together into one, as Node takes longer to find a file than to run it: what `main.js`
 * requires into `main-core.js`, and what further entries require, and those before do not, into files of theirs.
 * The files are CommonJS.
 */
export async function joinHotFiles(folder: string, entries: Readonly<Record<string, RegExp>>): Promise<void> {
  const sources = await readSources(folder);
  const places = new Map<string, string>();
  for (const [core, entry] of Object.entries(entries)) {
    const visit = (name: string): void => {
      const source = sources.get(name);
      if (source === undefined || places.has(name)) return;
      if (name !== mainFile) places.set(name, core);
      for (const required of requiredAtOnce(source)) visit(required);
    };
    for (const name of sources.keys()) if (entry.test(name)) visit(name);
  }
  const redirect = (source: string, from: string | undefined): string =>
    source.replace(/\brequire\("\.\/([^"]+)"\)/g, (call, name: string) => {
      const place = places.get(name);
      if (place === undefined) return call;
      return place === from ? `__load("${name}")` : `require("./${place}")("${name}")`;
    });
  for (const core of Object.keys(entries)) {
    const files = [...places]
      .filter(([, place]) => place === core)
      .map(([name]) => `"${name}":(module,exports)=>{${redirect(sources.get(name) ?? '', core)}}`);
    if (files.length > 0) await writeFile(join(folder, core), registry(files));
  }
  for (const [name, source] of sources) {
    if (places.has(name)) await rm(join(folder, name));
    else await writeFile(join(folder, name), redirect(source, undefined));
  }
}

const mainFile = 'main.js';

/** Not what loads the program, nor its threads, which are builds of their own. */
export async function programFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(
    (name) => name.endsWith('.js') && !name.endsWith('.worker.js') && name !== 'load.js',
  );
}

async function readSources(folder: string): Promise<ReadonlyMap<string, string>> {
  const read = (await programFiles(folder)).map(
    async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
  );
  return new Map(await Promise.all(read));
}

/** Not those of functions that wait until somebody calls them: `Promise.resolve().then(()=>require("./x.js"))`. */
function requiredAtOnce(source: string): string[] {
  return [...source.matchAll(/(?<!=>)\brequire\("\.\/([^"]+)"\)/g)].flatMap(([, name]) => name ?? []);
}

function registry(files: readonly string[]): string {
  return [
    `const __files={${files.join(',\n')}},__loaded={};`,
    'function __load(name){',
    'let module=__loaded[name];',
    'if(module===undefined){module=__loaded[name]={exports:{}};__files[name](module,module.exports)}',
    'return module.exports}',
    'module.exports=__load;\n',
  ].join('');
}

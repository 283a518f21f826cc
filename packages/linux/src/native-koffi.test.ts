// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-koffi-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a new process has loaded, by the names of files, once it has called the kernel by way of koffi. */
function filesLoadedBy(from: string): string {
  const script = `
    import { createRequire } from 'node:module';
    import { loadKoffi } from ${JSON.stringify(import.meta.resolve('./native-koffi.ts'))};
    const koffi = loadKoffi(${JSON.stringify(from)});
    console.log(koffi.load(null).func('int getpid()')() === process.pid);
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((name) => name.includes('koffi')).length);
  `;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

describe('koffi', () => {
  it('is its native part, without the entry around it', () => {
    expect(filesLoadedBy(import.meta.url)).toBe('true\n0\n');
  });

  it('is what its own entry finds where its native part lies elsewhere', async () => {
    const own = join(folder, 'node_modules/koffi');
    await mkdir(own, { recursive: true });
    await writeFile(
      join(own, 'index.js'),
      `module.exports = require(${JSON.stringify(join(import.meta.dirname, '../node_modules/koffi'))});`,
    );
    expect(filesLoadedBy(pathToFileURL(join(folder, 'x.js')).href)).toMatch(/^true\n[1-9]\d*\n$/);
  });
});

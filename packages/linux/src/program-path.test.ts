// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programPath } from './program-path.ts';

let folder: string;
const { PATH } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-path-'));
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

describe('programPath', () => {
  it('takes the first file that may be executed, and no folder, dangling link or relative folder', () => {
    const [first, second, third] = ['a', 'b', 'c'].map((name) => join(folder, name));
    for (const place of [first, second, third]) mkdirSync(place ?? '');
    mkdirSync(join(folder, 'a/tool'));
    symlinkSync('nothing', join(folder, 'b/tool'));
    const tool = join(folder, 'c/tool');
    writeFileSync(tool, '');
    process.env.PATH = `.::${folder}/none:${first}:${second}:${third}`;
    expect(programPath('tool')).toBeUndefined();
    chmodSync(tool, 0o755);
    expect(programPath('tool')).toBe(tool);
    expect(programPath(tool)).toBe(tool);
    expect(programPath('c/tool')).toBeUndefined();
  });

  it('looks where a shell would without PATH', () => {
    delete process.env.PATH;
    expect(programPath('sh')).toMatch(/^\/(?:usr\/)?bin\/sh$/);
  });
});

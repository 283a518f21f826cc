// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** A function that counts down from its argument. @see WebAssembly, binary format */
const countDown = [
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 1, 0x7f, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 16, 1, 14, 0, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b],
];

/** How V8 compiles it when it counts down from so much. */
function compilersOf(before: string, from: number): string {
  const program = `${before}
    const module = new WebAssembly.Module(new Uint8Array(${JSON.stringify(countDown)}));
    new WebAssembly.Instance(module).exports.f(${from});
    setTimeout(() => {}, 300);`;
  const flags = ['--conditions=@lading/source', '--trace-wasm-compilation-times', '--input-type=module'];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  // That strips types is WebAssembly too; this function is known by its size.
  return [...stdout.matchAll(/using (\w+),.* bodysize 14 /g)].map(([, name]) => name).join();
}

const plain = "import { keepParserPlain } from '@lading/command-line/node'; keepParserPlain();";

describe('keepParserPlain', () => {
  it('leaves a function of WebAssembly as it is that V8 would optimise', () => {
    expect(compilersOf('', 1_000_000)).toBe('Liftoff,TurboFan');
    expect(compilersOf(plain, 1_000_000)).toBe('Liftoff');
  });

  it('does not keep one from it that is busy for long', () => {
    expect(compilersOf(plain, 100_000_000)).toBe('Liftoff,TurboFan');
  });
});

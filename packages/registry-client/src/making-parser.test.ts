// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * A function that counts down from its argument, of a size that no other has: stripping types is WebAssembly too.
 *
 * @see WebAssembly, binary format
 */
const countDown = [
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 1, 0x7f, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 0x8c, 6, 1, 0x89, 6, 0, ...Array<number>(777 - 14).fill(1)],
  ...[0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b],
];

function run(flags: readonly string[], program: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@lading/source', '--input-type=module', ...flags, '-e', program],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout;
}

const imports = `import { makingParser } from ${JSON.stringify(join(import.meta.dirname, 'making-parser.ts'))};`;

/** How V8 compiles a function that is made by a statement and counts down from so much. */
function compilersOf(makes: string, from: number): string {
  const program = `${imports}
    let counter;
    const make = () => {
      counter = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(${JSON.stringify(countDown)})));
    };
    ${makes};
    counter.exports.f(${from});`;
  const said = run(['--wasm-sync-tier-up', '--trace-wasm-compilation-times'], program);
  return [...said.matchAll(/using (\w+),.* bodysize 777 /g)].map(([, name]) => name).join();
}

describe('makingParser', () => {
  it('leaves a function of WebAssembly as it is that V8 would optimise', () => {
    expect(compilersOf('make()', 1_000_000)).toBe('Liftoff,TurboFan');
    expect(compilersOf('makingParser(make)', 1_000_000)).toBe('Liftoff');
  });

  it('does not keep one from it that is busy for long', () => {
    expect(compilersOf('makingParser(make)', 100_000_000)).toBe('Liftoff,TurboFan');
  });

  it('leaves what is made afterwards alone', () => {
    expect(compilersOf('makingParser(() => {}); makingParser(make)', 1_000_000)).toBe('Liftoff,TurboFan');
  });

  it('knows the budget of this V8, so that code that was kept is taken again', () => {
    expect(run(['--v8-options'], '')).toContain('default: --wasm-tiering-budget=13000000');
    const program = `${imports}
      import { Script } from 'node:vm';
      const kept = () => new Script('1 + 1').createCachedData().readUInt32LE(12);
      const before = kept();
      makingParser(() => {});
      console.log(before === kept());`;
    expect(run([], program)).toBe('true\n');
  });
});

// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ContainerOptions, type Engine, openEngine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import openWabt from 'wabt';
import { addFolderAsImage } from '../../../packages/engine/test/add-image.ts';

const handler = fileURLToPath(new URL('../src/handler.ts', import.meta.url));
const modules = ['hello', 'words', 'copy'];

let root: string;
let engine: Engine;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-wasi-'));
  const roots = { graphRoot: join(root, 'graph'), runRoot: join(root, 'run') };
  const rootfs = join(root, 'rootfs');
  await mkdir(join(rootfs, 'srv'), { recursive: true });
  for (const name of modules) await writeFile(join(rootfs, `${name}.wasm`), await assembled(name));
  await addFolderAsImage(roots, rootfs, 'localhost/modules:latest');
  engine = await openEngine({ ...roots, runtimes: { wasi: handler } });
});

afterAll(async () => {
  for (const { id } of await engine.containers.list({ all: true })) {
    await engine.containers.remove(id, { force: true });
  }
  await engine.close();
  await rm(root, { recursive: true });
});

async function assembled(name: string): Promise<Uint8Array> {
  const file = fileURLToPath(new URL(`./modules/${name}.wat`, import.meta.url));
  const { parseWat } = await openWabt();
  return parseWat(file, await readFile(file, 'utf8')).toBinary({}).buffer;
}

interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function run(options: Partial<ContainerOptions>, stdin?: string): Promise<Ended> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const { exitCode } = await engine.containers.run(
    {
      image: 'modules',
      network: 'none',
      autoRemove: true,
      ...(stdin !== undefined && { stdin: true, stdinOnce: true }),
      ...options,
    },
    {
      attach: {
        stdout: (chunk) => void out.push(chunk),
        stderr: (chunk) => void err.push(chunk),
        ...(stdin === undefined ? {} : { stdin: chunksOf(stdin) }),
      },
    },
  );
  return { exitCode, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('a handler in TypeScript, named by its path', () => {
  it('runs a module of an image without anything else, and passes its exit code on', async () => {
    expect(await run({ command: ['/hello.wasm'] })).toEqual({
      exitCode: 3,
      out: 'hello from wasm\n',
      err: '',
    });
  });

  it('gives it the arguments and the environment of the container', async () => {
    const { exitCode, out, err } = await run({
      command: ['/words.wasm', 'one', 'two words', ''],
      env: { GREETING: 'hello' },
    });
    expect([exitCode, out]).toEqual([0, '/words.wasm\0one\0two words\0\0']);
    expect(err.split('\0')).toEqual(expect.arrayContaining(['GREETING=hello', 'FROM_IMAGE=yes']));
  });

  it('finds a module by PATH, and says so when there is none', async () => {
    expect((await run({ command: ['hello.wasm'], env: { PATH: '/bin:/' } })).exitCode).toBe(3);
    const { exitCode, err } = await run({ command: ['missing.wasm'] });
    expect([exitCode, err]).toEqual([127, 'missing.wasm: no such module in the container\n']);
  });

  it('lets it read its input and write into the mounts of the container, and nowhere else', async () => {
    const mounts = (readOnly: boolean) => [
      { type: 'bind', source: join(root, 'data'), target: '/srv', readOnly } as const,
    ];
    await mkdir(join(root, 'data'));
    const written = await run({ command: ['/copy.wasm'], mounts: mounts(false) }, 'some bytes');
    expect([written.exitCode, written.err]).toEqual([0, '']);
    expect(await readFile(join(root, 'data/copy'), 'utf8')).toBe('some bytes');
    const refused = await run({ command: ['/copy.wasm'], mounts: mounts(true) }, 'other bytes');
    expect(refused.exitCode).not.toBe(0);
    expect(await readFile(join(root, 'data/copy'), 'utf8')).toBe('some bytes');
  });

  it('runs a second module beside the first, and keeps the log', async () => {
    const { id } = await engine.containers.create({
      image: 'modules',
      command: ['/copy.wasm'],
      network: 'none',
      stdin: true, // which nobody closes: it goes on
    });
    await engine.containers.start(id);
    const { exitCode, stdout } = await engine.containers.execSync(id, { command: ['/hello.wasm'] });
    expect([exitCode, Buffer.from(stdout).toString()]).toEqual([3, 'hello from wasm\n']);
    const { exit } = await engine.containers.stop(id, { timeoutMs: 0 });
    expect(exit?.exitCode).toBe(137);
    await engine.containers.remove(id);
  });
});

describe('a module that is no handler', () => {
  it.each([
    ['is not there', undefined, /the runtime broken: .*broken.mjs cannot be loaded: .*broken.mjs/],
    ['does not parse', 'export const = 1;', /cannot be loaded: /],
    ['has no such function', 'export const handler = 1;', /has no function createRuntimeHandler; export one/],
  ])('that %s is refused, and nothing is made', async (_what, text, message) => {
    const folder = await mkdtemp(join(root, 'broken-'));
    if (text !== undefined) await writeFile(join(folder, 'broken.mjs'), text);
    const opening = openEngine({
      graphRoot: join(folder, 'graph'),
      runRoot: join(folder, 'run'),
      runtimes: { broken: join(folder, 'broken.mjs') },
    });
    const error = await opening.then(
      () => undefined,
      (cause: unknown) => LadingError.from(cause),
    );
    expect(error?.reason).toBe('RUNTIME_UNKNOWN');
    expect(error?.message).toMatch(message);
  });
});

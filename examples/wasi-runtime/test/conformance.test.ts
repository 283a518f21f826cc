// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimeConformance } from '@lading/engine/conformance';
import { defaultLinuxSpec, withLinux } from '@lading/oci-spec';
import openWabt from 'wabt';
import { createRuntimeHandler } from '../src/handler.ts';

async function assembled(name: string): Promise<Uint8Array> {
  const file = fileURLToPath(new URL(`./modules/${name}.wat`, import.meta.url));
  const { parseWat } = await openWabt();
  return parseWat(file, await readFile(file, 'utf8')).toBinary({}).buffer;
}

runtimeConformance('the handler of WebAssembly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lading-wasi-'));
  const rootfs = join(folder, 'rootfs');
  for (const name of ['proc', 'dev', 'sys']) await mkdir(join(rootfs, name), { recursive: true });
  for (const name of ['hello', 'forever'])
    await writeFile(join(rootfs, `${name}.wasm`), await assembled(name));
  const process = { cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
  const options = { name: 'wasi', root: join(folder, 'state'), exitDir: join(folder, 'exits') };
  let count = 0;
  return {
    folder,
    handler: async () => createRuntimeHandler(options),
    spec: async () => ({
      ...withLinux(defaultLinuxSpec(), { cgroupsPath: `/${basename(folder)}-${count++}` }),
      root: { path: rootfs },
    }),
    ends: { process: { ...process, args: ['/hello.wasm'] }, stdout: 'hello from wasm', exitCode: 3 },
    lasts: { ...process, args: ['/forever.wasm'] },
    dispose: () => rm(folder, { recursive: true }),
  };
});

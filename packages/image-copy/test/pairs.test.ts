// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@lading/registry';
import { afterAll } from 'vitest';
import { type Place, pairConformance } from '../src/conformance.ts';
import { openDestination, openSource } from '../src/index.ts';
import { makePodman } from './programs.ts';

const atEnd: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const action of atEnd.splice(0).reverse()) await action();
});
/** One for all pairs: it takes seconds to start. */
let daemon: Promise<string> | undefined;

function inFolder(reference: string): Place {
  return {
    name: reference.replace(/:.*/s, ':'),
    async start() {
      const cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
      return {
        destination: () => openDestination(reference.replaceAll('CWD', cwd), { cwd }),
        source: () => openSource(reference.replaceAll('CWD', cwd), { cwd }),
        dispose: () => rm(cwd, { recursive: true, force: true }),
      };
    },
  };
}

pairConformance([
  inFolder('dir:image'),
  inFolder('oci:image:name'),
  inFolder('oci-archive:image.tar:name'),
  inFolder('docker-archive:image.tar:example.com/app:1'),
  {
    name: 'docker:',
    async start() {
      const registry = await startRegistry();
      const reference = `docker://${registry.host}/team/app:1`;
      return {
        destination: () => openDestination(reference, { tlsVerify: false }),
        source: () => openSource(reference, { tlsVerify: false }),
        dispose: () => registry.close(),
      };
    },
  },
  {
    name: 'docker-daemon:',
    async start() {
      daemon ??= makePodman((action) => atEnd.push(action)).then((podman) => podman.service());
      const daemonHost = await daemon;
      const reference = 'docker-daemon:example.com/app:1';
      return {
        destination: () => openDestination(reference, { daemonHost }),
        source: () => openSource(reference, { daemonHost }),
        dispose: async () => {},
      };
    },
  },
  inFolder('containers-storage:[overlay@CWD/graph+CWD/run]example.com/app:1'),
]);

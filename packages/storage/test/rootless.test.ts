// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, programArguments, readAll } from './support.ts';

const run = promisify(execFile);
let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const inNamespaces = (...namespaces: string[]): Promise<{ stdout: string }> =>
  run('unshare', [...namespaces, process.execPath, ...programArguments('rootless-work.ts'), house.root]);

describe('root of a user namespace', () => {
  it('mounts with marks of its own, and finds them again in what it compares and commits', async () => {
    const { stdout } = await inNamespaces('--user', '--map-root-user', '--mount');
    expect(JSON.parse(stdout)).toEqual({
      changes: ['added /folder/new', 'deleted /folder', 'deleted /gone'],
      folder: ['new'],
      isGone: true,
      faults: [],
    });
  });

  it('is told when it cannot mount, and what would do', async () => {
    await expect(inNamespaces('--user', '--map-root-user')).rejects.toMatchObject({
      stderr: expect.stringMatching(/cannot be mounted on \(EPERM\).*--mount/),
    });
  });
});

/** Runs a program as root of a user namespace that has many ids, as `podman unshare` makes it. */
async function withManyIds(...program: string[]): Promise<string> {
  const args = ['--user', '--mount', 'sh', '-c', 'echo ready; read _; exec "$@"', 'sh', ...program];
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'readable');
  for (const kind of ['uid', 'gid'])
    writeFileSync(`/proc/${child.pid}/${kind}_map`, '0 0 1\n1 200000 70000\n');
  child.stdin.end('\n');
  const output = await readAll(child.stdout);
  expect(await ended).toEqual([0, null]);
  return output.toString().replace('ready\n', '');
}

describe('root of a user namespace with many ids', () => {
  it('gives containers ids of the namespace, on copies of the image that have them', async () => {
    const program = [process.execPath, ...programArguments('rootless-maps.ts'), house.root];
    expect(JSON.parse(await withManyIds(...program))).toEqual({
      map: [{ containerId: 0, hostId: 1, size: 1024 }],
      owner: [8, 10],
      inside: ['added /new'],
      committed: [3, 4],
      copies: 1,
      faults: [],
    });
  });
});

/** The checkout may be in a folder that is root's alone: there, and only for the program, it is in one for all. */
const openCheckout = `
mkdir "$3/checkout"
mount --bind "$1" "$3/checkout"
mount -t tmpfs -o mode=755 none "$2"
mkdir -p "$1"
mount --bind "$3/checkout" "$1"
shift 3
exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
`;

function asUser(...program: string[]): Promise<{ stdout: string }> {
  chmodSync(house.root, 0o777);
  const checkout = resolve(import.meta.dirname, '../../..');
  const [, top = ''] = checkout.split('/');
  const places = [checkout, `/${top}`, house.root];
  return run('unshare', ['--mount', 'sh', '-euc', openCheckout, 'sh', ...places, ...program]);
}

describe('a user that is not root', () => {
  it('is told what would do when a layer is added without a user namespace, and reads all the same', async () => {
    const { stdout } = await asUser(process.execPath, ...programArguments('plain-user.ts'), house.root);
    expect(JSON.parse(stdout)).toEqual({
      message: expect.stringMatching(/cannot be given to 0:0 \(EPERM\); be root, or .*podman unshare/),
      layers: 0,
      faults: [],
    });
  });

  it('has layers of other owners with one id alone, when errors of chown are ignored', async () => {
    const namespace = ['unshare', '--user', '--map-root-user', '--mount'];
    const program = [process.execPath, ...programArguments('ignored-owners.ts'), house.root];
    const { stdout } = await asUser(...namespace, ...program);
    expect(JSON.parse(stdout)).toEqual({
      refused: expect.stringMatching(/theirs.*5:6/),
      owner: [0, 0],
      isSame: true,
      faults: [],
      strict: [expect.stringContaining('/theirs(uid:5→0,gid:6→0)')],
    });
  });
});

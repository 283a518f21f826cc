// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, programArguments } from './support.ts';

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

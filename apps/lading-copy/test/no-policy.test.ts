// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { expect, it } from 'vitest';
import { makeFolder, type Outcome, put, self } from './world.ts';

const programs: Readonly<Record<string, readonly string[]>> = {
  skopeo: ['skopeo'],
  'lading-copy': self,
};

/** Runs a program where /etc/containers is empty, and HOME too. */
function withoutPolicy(cwd: string, argv: readonly string[]): Promise<Outcome> {
  const script = 'mount -t tmpfs none /etc/containers && exec "$@"';
  const env = { ...process.env, HOME: join(cwd, 'home') };
  return new Promise((resolve) => {
    execFile(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', ...argv],
      { cwd, env },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

it.each(Object.entries(programs))(
  'on a machine without a policy %s copies nothing, unless it is told to',
  async (_, program) => {
    const cwd = await makeFolder();
    await put(await makeTestImage({ seed: 'no policy' }), `dir:${cwd}/in`);
    const refused = await withoutPolicy(cwd, [...program, 'copy', 'dir:in', 'dir:out']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/policy.*\/etc\/containers\/policy\.json/);
    expect(await readdir(cwd)).toEqual(['in']);
    const told = await withoutPolicy(cwd, [
      ...program,
      '--insecure-policy',
      'copy',
      '-q',
      'dir:in',
      'dir:out',
    ]);
    expect(told).toMatchObject({ code: 0 });
  },
);

// SPDX-License-Identifier: Apache-2.0
import { startRegistry } from '@lading/registry';
import { expect } from 'vitest';
import { ladingCopy, later, startDockerRegistry } from './world.ts';

/** A registry of our own for the time of the test. */
export async function startLadingRegistry(): Promise<string> {
  const registry = await startRegistry();
  later(() => registry.close());
  return registry.host;
}

/** The places that hold many images, each as what goes before the tag of one. */
export const places: readonly [string, (cwd: string) => Promise<string>][] = [
  ['@lading/registry', async () => `docker://${await startLadingRegistry()}/team/app`],
  ["Debian's docker-registry", async () => `docker://${await startDockerRegistry()}/team/app`],
  ['an OCI layout', async (cwd) => `oci:${cwd}/images`],
];

/** A reference by digest, as commands print it. */
export function byDigest(place: string, digest: string): string {
  return `${place}${place.startsWith('oci:') ? ':' : ''}@${digest}`;
}

/** Runs a command that is to go well, and gives what it prints. */
export async function printed(
  cwd: string,
  argv: readonly string[],
  options: { readonly stdin?: string } = {},
): Promise<string> {
  const { code, stdout, stderr } = await ladingCopy(cwd, argv, options);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Runs a command that is to fail, and gives what it says. */
export async function refused(cwd: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ladingCopy(cwd, argv);
  expect({ failed: code !== 0, stdout }).toEqual({ failed: true, stdout: '' });
  return stderr;
}

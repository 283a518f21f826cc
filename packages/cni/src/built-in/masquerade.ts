// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { runProgram } from '@lading/linux';

/** Rules of the plugin `bridge` that hide an address of a container from the world outside. */
export interface Masquerade {
  readonly network: string;
  readonly containerId: string;
  /** Without its prefix. */
  readonly address: string;
  /** In CIDR form: whom it speaks to under its own address. */
  readonly subnet: string;
  readonly signal?: AbortSignal | undefined;
}

const multicast = '224.0.0.0/4';
const limitBytes = 16 << 20;
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Whether the rules can be made here. */
export function hasFirewall(): boolean {
  return programOf('iptables-restore') !== undefined;
}

/** All at once, where the plugin starts a program for each rule. */
export async function addMasquerade(masquerade: Masquerade): Promise<void> {
  const { address, subnet, signal } = masquerade;
  const chain = chainOf(masquerade);
  const comment = commentOf(masquerade);
  await restore(
    [
      `:${chain} - [0:0]`,
      `-A ${chain} -d ${subnet} ${comment} -j ACCEPT`,
      `-A ${chain} ! -d ${multicast} ${comment} -j MASQUERADE`,
      `-A POSTROUTING -s ${address} ${comment} -j ${chain}`,
    ],
    signal,
  );
}

/** Any number of times, and whatever became of the rules meanwhile. */
export async function removeMasquerade(masquerade: Masquerade): Promise<void> {
  const { address, signal } = masquerade;
  const chain = chainOf(masquerade);
  const last = [`-F ${chain}`, `-X ${chain}`];
  try {
    await restore([`-D POSTROUTING -s ${address} ${commentOf(masquerade)} -j ${chain}`, ...last], signal);
  } catch (error) {
    signal?.throwIfAborted();
    // All or none is done: somebody took some of them away, or they are there twice.
    const rules = (await firewall('iptables-save', ['-t', 'nat'], undefined, signal)).split('\n');
    if (!rules.some((rule) => rule.startsWith(`:${chain} `))) return;
    const jumps = rules.filter((rule) => rule.startsWith('-A ') && rule.endsWith(` -j ${chain}`));
    const others = [...jumps.map((rule) => rule.replace(/^-A/, '-D')), ...last];
    await restore(others, signal).catch((cause: unknown) => {
      throw LadingError.from(cause instanceof LadingError ? cause : error);
    });
  }
}

/** The name that the plugin makes of the two names; of its length iptables takes no more. */
function chainOf({ network, containerId }: Masquerade): string {
  const hasher = createHasher('sha512');
  hasher.update(Buffer.from(network + containerId));
  return `CNI-${hasher.digest('hex').slice(0, 24)}`;
}

/** Neither name can hold what would have to be quoted: both were checked. */
function commentOf({ network, containerId }: Masquerade): string {
  return `-m comment --comment "name: \\"${network}\\" id: \\"${containerId}\\""`;
}

async function restore(rules: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  await firewall('iptables-restore', ['--noflush', '--wait'], ['*nat', ...rules, 'COMMIT', ''], signal);
}

async function firewall(
  name: 'iptables-restore' | 'iptables-save',
  args: readonly string[],
  lines: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const program = programOf(name);
  if (program === undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${name} was not found; it is in the Debian package iptables`,
    );
  }
  const { exitCode, stdout, stderr } = await runProgram(program, {
    args,
    env: process.env,
    limitBytes,
    ...(lines && { input: Buffer.from(lines.join('\n')) }),
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  if (exitCode === 0) return stdout;
  throw new LadingError(Code.Internal, `${name}: ${stderr.trim().slice(-2000) || `ended with ${exitCode}`}`);
}

function programOf(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? defaultPath).split(':')) {
    const path = join(folder, name);
    try {
      if (!folder.startsWith('/')) continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

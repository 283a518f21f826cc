// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { runProgram } from '@lading/linux';

/** Rules of the table `nat`, as `iptables-restore` reads them: all of them at once, or none. */

const limitBytes = 16 << 20;
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What iptables takes as a name. */
const nameLength = 28;

/** Whether rules can be made here. */
export function hasFirewall(): boolean {
  return programOf('iptables-restore') !== undefined && programOf('iptables-save') !== undefined;
}

/** @param lines such as `-A POSTROUTING -j MASQUERADE` */
export async function changeRules(lines: readonly string[], signal?: AbortSignal): Promise<void> {
  await firewall('iptables-restore', ['--noflush', '--wait'], ['*nat', ...lines, 'COMMIT', ''], signal);
}

export async function listRules(signal?: AbortSignal): Promise<readonly string[]> {
  return (await firewall('iptables-save', ['-t', 'nat'], undefined, signal)).split('\n');
}

/**
 * Takes a chain away with all rules that lead to it, whatever became of them. Any number of times.
 *
 * @param jump the one rule that leads to it as a rule, without its `-A`: without a look at what there is
 */
export async function removeChain(
  chain: string,
  jump: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const last = [`-F ${chain}`, `-X ${chain}`];
  if (jump !== undefined) {
    try {
      return await changeRules([`-D ${jump}`, ...last], signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof LadingError)) throw error;
      // Somebody took some of it away, or it is there twice.
    }
  }
  const rules = await listRules(signal);
  if (!rules.some((rule) => rule.startsWith(`:${chain} `))) return;
  const jumps = rules.filter((rule) => rule.startsWith('-A ') && rule.endsWith(` -j ${chain}`));
  await changeRules([...jumps.map((rule) => rule.replace(/^-A/, '-D')), ...last], signal);
}

/** The name that plugins make of the names of a network and a container. */
export function chainName(prefix: string, network: string, containerId: string): string {
  const hasher = createHasher('sha512');
  hasher.update(Buffer.from(network + containerId));
  return `${prefix}${hasher.digest('hex')}`.slice(0, nameLength);
}

/** Neither name can hold what would have to be quoted: both were checked. */
export function ruleComment(words: string, network: string, containerId: string): string {
  return `-m comment --comment "${words}name: \\"${network}\\" id: \\"${containerId}\\""`;
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

// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { lockFile, makeFolders, programPath, runProgram } from '@lading/linux';

/** Rules as `iptables-restore` reads them: all of them at once, or none. */
export type Table = 'nat' | 'filter';

const limitBytes = 16 << 20;
const tries = 3;
const lockPath = '/run/lock/lading-firewall';
/** What iptables takes as a name. */
const nameLength = 28;

/** Whether rules can be made here. */
export function hasFirewall(): boolean {
  return programPath('iptables-restore') !== undefined && programPath('iptables-save') !== undefined;
}

/** @param lines such as `-A POSTROUTING -j MASQUERADE` */
export async function changeRules(
  table: Table,
  lines: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await inTurn(signal, () => restore(table, lines, signal));
}

async function listRules(table: Table, signal: AbortSignal | undefined): Promise<readonly string[]> {
  return (await firewall('iptables-save', ['-t', table], undefined, signal)).split('\n');
}

/** Changes rules by what there is; tried again when that was changed meanwhile. */
export async function editRules(
  table: Table,
  linesFor: (rules: readonly string[]) => readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await inTurn(signal, async () => {
    for (let left = tries - 1; ; left--) {
      const lines = linesFor(await listRules(table, signal));
      if (lines.length === 0) return;
      try {
        return await restore(table, lines, signal);
      } catch (error) {
        signal?.throwIfAborted();
        // A program's plugin made the chain meanwhile: `-N` refuses it, where `:name` would empty it.
        if (left === 0 || !(error instanceof LadingError)) throw error;
      }
    }
  });
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * One after the other, in all processes of Lading: two that miss the same chain would both make it, and iptables, when its
 * change meets another and it begins anew, has added rules twice.
 */
async function inTurn(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  const done = turn.then(async () => {
    makeFolders(dirname(lockPath), 0o755);
    using _lock = await lockFile(lockPath, { mode: 'exclusive', ...(signal && { signal }) });
    await work();
  });
  turn = done.catch(() => {}); // told to who called it
  await done;
}

async function restore(
  table: Table,
  lines: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await firewall('iptables-restore', ['--noflush', '--wait'], [`*${table}`, ...lines, 'COMMIT', ''], signal);
}

/**
 * Takes a chain of the table `nat` away with all rules that lead to it, whatever became of them. Any number of times.
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
      return await changeRules('nat', [`-D ${jump}`, ...last], signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof LadingError)) throw error;
      // Somebody took some of it away, or it is there twice.
    }
  }
  await editRules(
    'nat',
    (rules) => {
      if (!rules.some((rule) => rule.startsWith(`:${chain} `))) return [];
      const jumps = rules.filter((rule) => rule.startsWith('-A ') && rule.endsWith(` -j ${chain}`));
      return [...jumps.map((rule) => rule.replace(/^-A/, '-D')), ...last];
    },
    signal,
  );
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
  const program = programPath(name);
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

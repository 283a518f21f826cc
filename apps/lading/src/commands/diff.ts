// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { changesOf, findTree } from '../files/changes-of.ts';
import { withSharedFlags } from '../options/shared-flags.ts';
import { argsOrLatest } from '../output/names.ts';

const letters = { added: 'A', modified: 'C', deleted: 'D' } as const;

/** What an engine itself puts into a container: podman does not list it either. */
const ownPaths = new Set([
  ...['/dev', '/dev/console', '/dev/shm', '/proc', '/sys'],
  ...['/etc/hostname', '/etc/hosts', '/etc/mtab', '/etc/resolv.conf'],
  ...['/run', '/run/.containerenv', '/run/secrets'],
]);

type Kind = 'container' | 'image';

export async function run(call: CommandCall): Promise<number> {
  return diff(call, ['container', 'image']);
}

export async function runContainerDiff(call: CommandCall): Promise<number> {
  return diff(call, ['container']);
}

export async function runImageDiff(call: CommandCall): Promise<number> {
  return diff(call, ['image']);
}

async function diff(given: CommandCall, kinds: readonly Kind[]): Promise<number> {
  const call = withSharedFlags(given);
  const { args, flags, environment } = call;
  if (!flags.boolean('latest') && args.length === 0) throw usageError('name an object to be compared');
  const format = flags.string('format') ?? '';
  if (format !== '' && format !== 'json') throw usageError("only supported value for '--format' is 'json'");
  const paths = new Map<keyof typeof letters, string[]>();
  const lines: string[] = [];
  await withEngine(call, async (engine) => {
    const names = await argsOrLatest(call, engine);
    const named = await Promise.all(names.map((name) => findTree(engine, name, kinds)));
    for await (const { kind, path } of changesOf(engine, named, environment.signal)) {
      if (ownPaths.has(path)) continue;
      paths.set(kind, [...(paths.get(kind) ?? []), path]);
      lines.push(`${letters[kind]} ${singleLine(path)}\n`);
    }
  });
  if (format === '') {
    for (const line of lines) await environment.stdout(line);
    return 0;
  }
  const members = [
    ['changed', paths.get('modified')],
    ['added', paths.get('added')],
    ['deleted', paths.get('deleted')],
  ] as const;
  const present = members.filter(([, list]) => list !== undefined);
  await environment.stdout(`${toJson(Object.fromEntries(present), 5)}\n`);
  return 0;
}

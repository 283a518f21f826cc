// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo } from '@lading/engine';
import { quote } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { latestContainer } from '../output/names.ts';
import { containerSide, hostSide } from '../output/ports.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const latest = flags.boolean('latest');
  const [name, port] = latest ? [undefined, ...args] : args;
  const all = flags.boolean('all');
  if (all && (latest || name !== undefined)) {
    throw usageError(`--all and ${latest ? '--latest' : 'a container'} cannot be used together`);
  }
  if (!all && !latest && name === undefined)
    throw usageError('you must supply a running container name or id');
  const containers = await withEngine(call, async (engine) => {
    if (all) return engine.containers.list();
    return [await engine.containers.inspect(name ?? (await latestContainer(engine)))];
  });
  const wanted = port === undefined ? undefined : parsePort(port);
  let found = 0;
  for (const container of containers) {
    for (const mapping of container.options.portMappings ?? []) {
      if (wanted !== undefined && containerSide(mapping) !== wanted) continue;
      found++;
      const start = all ? `${shortId(container)}\t` : '';
      const line =
        wanted === undefined ? `${containerSide(mapping)} -> ${hostSide(mapping)}` : hostSide(mapping);
      await environment.stdout(`${start}${line}\n`);
    }
  }
  if (wanted !== undefined && found === 0) throw usageError(`failed to find published port ${quote(wanted)}`);
  return 0;
}

function parsePort(text: string): string {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (match === null) throw usageError(`invalid port ${quote(text)}: use PORT or PORT/PROTOCOL`);
  return `${match[1]}/${match[2] ?? 'tcp'}`;
}

function shortId({ id }: ContainerInfo): string {
  return id.slice(0, 12);
}

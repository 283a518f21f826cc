// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { readNetworkUsage } from '@lading/linux';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';
import { type Reading, type UsageRow, usageHeaders, usageJson, usageRow } from '../output/usage-row.ts';

const clearScreen = '\x1b[2J\x1b[H';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const { signal, stdout, stdoutIsTerminal } = environment;
  const choices = [flags.boolean('all'), flags.boolean('latest'), args.length > 0].filter(Boolean);
  if (choices.length > 1) throw usageError('--all, --latest and containers cannot be used together');
  const everyMs = (flags.int('interval') ?? 5) * 1000;
  if (everyMs <= 0) throw usageError('invalid interval: it must be above 0 seconds');
  const once = flags.boolean('no-stream');
  const clears = stdoutIsTerminal && !once && !flags.boolean('no-reset');
  return withEngine(call, async (engine) => {
    for (;;) {
      const readings = await Promise.all(
        (await chosen(call, engine)).map((container) => readUsage(engine, container)),
      );
      const rows = readings.map((reading) => usageRow(reading, !flags.boolean('no-trunc')));
      await stdout(`${clears ? clearScreen : ''}${shown(rows, flags.string('format') ?? '')}`);
      if (once) return 0;
      // To be stopped is how this ends.
      if (await sleep(everyMs, false, { signal }).catch(() => true)) return 0;
    }
  });
}

async function chosen({ args, flags }: CommandCall, engine: Engine): Promise<readonly ContainerInfo[]> {
  if (args.length > 0) return Promise.all(args.map((name) => engine.containers.inspect(name)));
  const all = await engine.containers.list({ all: true });
  if (!flags.boolean('latest')) return flags.boolean('all') ? all : all.filter(isRunning);
  return all.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, 1);
}

async function readUsage(engine: Engine, container: ContainerInfo): Promise<Reading> {
  const usage = await engine.usage.container(container);
  return { container, usage, network: networkOf(container) };
}

/** What went through the interfaces of its own network namespace. */
function networkOf({ pid, status, options }: ContainerInfo): Reading['network'] {
  const isOwn = options.network !== 'host' && (status === 'running' || status === 'paused');
  let [receivedBytes, sentBytes] = [0n, 0n];
  for (const one of isOwn ? readNetworkUsage(`/proc/${pid}/ns/net`) : []) {
    if (one.name === 'lo') continue;
    receivedBytes += one.receivedBytes;
    sentBytes += one.sentBytes;
  }
  return { receivedBytes, sentBytes };
}

function shown(rows: readonly UsageRow[], format: string): string {
  if (isJsonFormat(format)) return `${toJson(rows.map(usageJson), 1)}\n`;
  if (format !== '') return renderReport(format, rows, { name: 'stats', headers: usageHeaders });
  const columns = [
    ...(['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDS', 'UpTime'] as const),
    'AVGCPU' as const,
  ];
  const cells = rows.map((row) => columns.map((name) => row[name]));
  return renderTable(cells, { header: columns.map((name) => usageHeaders[name] ?? name) });
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';
import { readUsage } from '../output/read-usage.ts';
import { streamReports } from '../output/stream-reports.ts';
import { type UsageRow, usageHeaders, usageJson, usageRow } from '../output/usage-row.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const choices = [flags.boolean('all'), flags.boolean('latest'), args.length > 0].filter(Boolean);
  if (choices.length > 1) throw usageError('--all, --latest and containers cannot be used together');
  const everyMs = (flags.int('interval') ?? 5) * 1000;
  if (everyMs <= 0) throw usageError('invalid interval: it must be above 0 seconds');
  const options = {
    once: flags.boolean('no-stream'),
    keepScreen: flags.boolean('no-reset'),
    everyMs,
  };
  return withEngine(call, (engine) =>
    streamReports(environment, options, async () => {
      const readings = await Promise.all(
        (await chosen(call, engine)).map((container) => readUsage(engine, container)),
      );
      const rows = readings.map((reading) => usageRow(reading, !flags.boolean('no-trunc')));
      return shown(rows, flags.string('format') ?? '');
    }),
  );
}

async function chosen({ args, flags }: CommandCall, engine: Engine): Promise<readonly ContainerInfo[]> {
  if (args.length > 0) return Promise.all(args.map((name) => engine.containers.inspect(name)));
  const all = await engine.containers.list({ all: true });
  if (!flags.boolean('latest')) return flags.boolean('all') ? all : all.filter(isRunning);
  return all.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, 1);
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

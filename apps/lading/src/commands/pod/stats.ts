// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { isJsonFormat, renderReport, renderTable, toJson } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { isRunning } from '../../output/names.ts';
import type { PodWithContainers } from '../../output/pod-row.ts';
import { readUsage } from '../../output/read-usage.ts';
import { streamReports } from '../../output/stream-reports.ts';
import { usageRow } from '../../output/usage-row.ts';
import { latestPod } from './latest-pod.ts';
import { allPods, findPod } from './named-pods.ts';

const headers = {
  Pod: 'POD',
  CID: 'CID',
  Name: 'NAME',
  CPU: 'CPU %',
  MemUsage: 'MEM USAGE/ LIMIT',
  MemUsageBytes: 'MEM USAGE/ LIMIT',
  Mem: 'MEM %',
  NetIO: 'NET IO',
  BlockIO: 'BLOCK IO',
  PIDS: 'PIDS',
} as const;

const columns = ['Pod', 'CID', 'Name', 'CPU', 'MemUsage', 'Mem', 'NetIO', 'BlockIO', 'PIDS'] as const;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const choices = [flags.boolean('all'), flags.boolean('latest'), args.length > 0].filter(Boolean);
  if (choices.length > 1) throw usageError('--all, --latest and pods cannot be used together');
  const options = {
    once: flags.boolean('no-stream'),
    keepScreen: flags.boolean('no-reset'),
    everyMs: 5000,
  };
  const format = flags.string('format') ?? '';
  return withEngine(call, (engine) =>
    streamReports(environment, options, async () => {
      const rows = await rowsOf(engine, await chosen(call, engine));
      if (isJsonFormat(format)) return `${toJson(rows, 5)}\n`;
      if (format !== '') return renderReport(format, rows, { name: 'pod stats', headers });
      return renderTable(
        rows.map((row) => columns.map((name) => row[name])),
        { header: columns.map((name) => headers[name]) },
      );
    }),
  );
}

async function chosen({ args, flags }: CommandCall, engine: Engine): Promise<readonly PodWithContainers[]> {
  if (flags.boolean('latest')) return [await findPod(engine, await latestPod(engine))];
  return args.length === 0 ? allPods(engine) : Promise.all(args.map((name) => findPod(engine, name)));
}

type Row = Readonly<Record<keyof typeof headers, string>>;

const nothing = '--';
const nothingOfAll = `${nothing} / ${nothing}`;

async function rowsOf(engine: Engine, pods: readonly PodWithContainers[]): Promise<readonly Row[]> {
  const found = pods.flatMap(({ pod, containers }) =>
    containers.map(async (container): Promise<Row> => {
      const ids = { Pod: pod.id.slice(0, 12), CID: container.id.slice(0, 12), Name: container.name };
      if (!isRunning(container)) return { ...idleRow, ...ids };
      const { CPUPerc, MemPerc, ...row } = usageRow(await readUsage(engine, container), true);
      return {
        CPU: CPUPerc,
        MemUsage: row.MemUsage,
        MemUsageBytes: row.MemUsageBytes,
        Mem: MemPerc,
        NetIO: row.NetIO,
        BlockIO: row.BlockIO,
        PIDS: row.PIDS,
        ...ids,
      };
    }),
  );
  return Promise.all(found);
}

/** What is said of a container that does not run. */
const idleRow = {
  CPU: nothing,
  MemUsage: nothingOfAll,
  MemUsageBytes: nothingOfAll,
  Mem: nothing,
  NetIO: nothingOfAll,
  BlockIO: nothingOfAll,
  PIDS: nothing,
};

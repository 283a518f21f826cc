// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part, PartResult } from './report.ts';
import { run } from './run.ts';

/** One vitest project as a part of the gate. */
export function vitestProject(root: string, project: 'unit' | 'integration' | 'browser' | 'vectors'): Part {
  return { name: `${project} tests`, run: () => runVitest(root, ['--project', project]) };
}

/** What a run of vitest found. `words` are what it runs. */
export async function runVitest(root: string, words: readonly string[]): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-gate-'));
  try {
    const report = join(folder, 'report.json');
    const reporter = join(import.meta.dirname, 'fault-reporter.ts');
    const args = ['run', ...words, '--reporter=default', `--reporter=${reporter}`, `--outputFile=${report}`];
    const { code, output } = await run('vitest', args, { cwd: root, env: { NO_COLOR: '1' } });
    const text = await readFile(report, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(`vitest wrote no report:\n${output}`);
    const result = JSON.parse(text) as PartResult;
    if (result.failed > 0) return result;
    if (code !== 0) return { ...result, failed: 1, faults: [`vitest ended with ${code}\n${output}`] };
    if (result.passed === 0) return { ...result, failed: 1, faults: ['vitest ran no test'] };
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

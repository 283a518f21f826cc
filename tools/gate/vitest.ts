// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from './report.ts';
import { run } from './run.ts';

interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** One vitest project as a part of the gate. A file that does not load counts as a failure; so does a skipped test. */
export function vitestProject(root: string, project: 'unit' | 'integration' | 'browser' | 'vectors'): Part {
  return {
    name: `${project} tests`,
    async run() {
      const folder = await mkdtemp(join(tmpdir(), 'lading-gate-'));
      try {
        const report = join(folder, 'report.json');
        const args = [
          'run',
          '--project',
          project,
          '--reporter=default',
          '--reporter=json',
          `--outputFile=${report}`,
        ];
        const ended = await run('vitest', args, { cwd: root, env: { NO_COLOR: '1' } });
        const text = await readFile(report, 'utf8').catch(() => undefined);
        if (text === undefined) throw new Error(`vitest wrote no report:\n${ended.output}`);
        return summarise(JSON.parse(text) as JsonReport, ended.code, ended.output, root);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function summarise(
  report: JsonReport,
  code: number,
  output: string,
  root: string,
): Awaited<ReturnType<Part['run']>> {
  const faults: string[] = [];
  let failed = report.numFailedTests;
  for (const file of report.testResults) {
    const name = file.name.replace(`${root}/`, '');
    for (const test of file.assertionResults) {
      if (test.status === 'failed')
        faults.push(`${name} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
      if (test.status === 'pending' || test.status === 'skipped' || test.status === 'todo') {
        failed += 1;
        faults.push(`${name} > ${test.fullName}: not run (${test.status})`);
      }
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      failed += 1;
      // Of errors that hide others only the text for people tells.
      faults.push(`${name}: ${file.message || output.slice(Math.max(0, output.indexOf('Failed Suites')))}`);
    }
  }
  if (code !== 0 && failed === 0) {
    failed = 1;
    // An error outside of any test; only the text for people has it.
    const from = output.indexOf('Unhandled');
    faults.push(`vitest ended with ${code}\n${output.slice(Math.max(0, from))}`);
  }
  if (report.numPassedTests === 0 && failed === 0) {
    failed = 1;
    faults.push('vitest ran no test');
  }
  return { passed: report.numPassedTests, failed, skipped: 0, faults };
}

// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import type { PartResult } from './report.ts';

const longestDiff = 60;

/**
 * Writes what a run of vitest found as a part of the gate, into its `--outputFile`: of a failed comparison all that
 * differs, which its message only counts. A file that does not load is a failure, and so is a test that was not run.
 */
class FaultReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const { root = '', outputFile } = this.#vitest?.config ?? {};
    if (typeof outputFile !== 'string') throw new Error('fault-reporter.ts writes into --outputFile=FILE');
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const faults = [
      ...tests.flatMap((test) => faultOf(test, root)),
      ...suites.flatMap((suite) => suite.errors().map((error) => `${nameOf(suite, root)}\n${textOf(error)}`)),
      ...unhandled.map((error) => `outside of any test\n${textOf(error)}`),
    ];
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const result: PartResult = { passed, failed: faults.length, skipped: 0, faults };
    writeFileSync(outputFile, JSON.stringify(result));
  }
}

function faultOf(test: TestCase, root: string): readonly string[] {
  const { state, errors = [] } = test.result();
  if (state === 'passed') return [];
  const why = state === 'failed' ? `\n${errors.map(textOf).join('\n')}` : `: not run (${state})`;
  return [`${nameOf(test, root)}${why}`];
}

function nameOf(one: TestCase | TestSuite | TestModule, root: string): string {
  return one.type === 'module'
    ? relative(root, one.moduleId)
    : `${relative(root, one.module.moduleId)} > ${one.fullName}`;
}

/** With what it hides: its cause, and what came together or one after the other. */
function textOf(error: SerializedError): string {
  const { message, stack = message, diff, cause, suppressed, errors } = error;
  const parts = [stack.replaceAll(/\n +at .*(?:\/node_modules\/|\(<anonymous>\)|node:internal).*/g, '')];
  if (typeof diff === 'string') parts.push(shortened(stripVTControlCharacters(diff)));
  const hidden = [cause, error.error, suppressed, ...(Array.isArray(errors) ? errors : [])].filter(isError);
  for (const one of hidden) parts.push(`with ${textOf(one)}`);
  return parts.join('\n');
}

function isError(value: unknown): value is SerializedError {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

function shortened(diff: string): string {
  const lines = diff.split('\n');
  if (lines.length <= longestDiff) return diff;
  return [...lines.slice(0, longestDiff), `… and ${lines.length - longestDiff} lines more`].join('\n');
}

export default FaultReporter;

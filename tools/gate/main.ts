// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { vectorsFolder } from '../test-support/vectors.ts';
import { floorFaults } from './floors.ts';
import { changesetFaults, linkFaults, packageFaults, sourceFaults } from './house-rules.ts';
import { leftSince, markChildren, takeTraces } from './leftovers.ts';
import { packedPackages } from './packed.ts';
import { publicExamples } from './public-examples.ts';
import { readmeExamples } from './readme-examples.ts';
import { check, type Part, type PartResult, runPart, runParts, total } from './report.ts';
import { faultsOf } from './run.ts';
import { vitestProject } from './vitest.ts';

const root = join(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
// Hundreds of programs start from the same sources, and most of that is to compile them.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node');
const inCi = process.env.CI === 'true' || process.env.CI === '1';

/** Most of these keep one processor busy. */
const checks: readonly Part[] = [
  check('format and lint', () => faultsOf('biome', ['ci', '--error-on-warnings'], root)),
  check('types', () => faultsOf('tsc', ['--noEmit'], root)),
  check('types of the pure packages, without Node', () =>
    faultsOf('tsc', ['--noEmit', '-p', 'tsconfig.pure.json'], root),
  ),
  check('floors', () => floorFaults(root)),
  check('licence lines and silenced checks', () => sourceFaults(root)),
  check('manifests', () => packageFaults(root)),
  check('changesets', () => changesetFaults(root)),
  check('links in documents', () => linkFaults(root)),
  check('unused files, exports and dependencies', () =>
    faultsOf('knip', ['--no-progress', '--no-config-hints'], root),
  ),
];

const still: readonly Part[] = [
  vitestProject(root, 'unit'),
  vitestProject(root, 'browser'),
  publicExamples(root),
];

/** Parts that make containers, mounts and namespaces. */
const asRoot: readonly Part[] = [vitestProject(root, 'integration'), readmeExamples(root)];

const results: PartResult[] = [...(await runParts(checks, 2))];
for (const part of still) results.push(await runPart(part));
if (existsSync(vectorsFolder)) results.push(await runPart(vitestProject(root, 'vectors')));
else
  leaveOut(`there are no OCI schemas in ${vectorsFolder}, LADING_VECTORS names another folder`, ['vectors']);
results.push(await runPart(packedPackages(root)));

if (isRoot) {
  markChildren();
  const before = takeTraces();
  for (const part of asRoot) results.push(await runPart(part));
  results.push(await runPart(check('nothing left behind', () => leftSince(before))));
} else {
  leaveOut(
    'they need root',
    asRoot.map((part) => part.name),
  );
}

const { passed, failed, skipped } = total(results);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** What cannot run here is named and counted; in CI it is a failure. */
function leaveOut(why: string, names: readonly string[]): void {
  console.log(`Left out because ${why}: ${names.join(', ')}`);
  const count = names.length;
  results.push({ passed: 0, failed: inCi ? count : 0, skipped: inCi ? 0 : count, faults: [] });
}

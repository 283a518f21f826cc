// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { floorFaults } from './floors.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-floors-'));
  mkdirSync(join(root, 'docs'));
  writeFileSync(
    join(root, 'docs/architecture.md'),
    [
      '| floor | package | what it holds | may import |',
      '| --- | --- | --- | --- |',
      '| 3 | `packages/copy` | x | floors 0-1, store |',
      '| 3 | `packages/store` | x | floors 0-2 |',
      '| 2 | `packages/linux` | x | floor 0 |',
      '| 0 | `packages/errors` | x. Pure | none |',
      '| 4 | `packages/later` (planned) | x | all below |',
    ].join('\n'),
  );
  write('errors', 'export {};');
  write('linux', "import 'koffi';\nimport '@lading/errors';", ['koffi', '@lading/errors']);
  write('store', "import '@lading/linux';\nimport 'node:fs';", ['@lading/linux']);
  write('copy', "export const s = () => import('@lading/store');", ['@lading/store']);
});

afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, source: string, dependencies: string[] = [], file = 'index.ts'): void {
  mkdirSync(join(root, 'packages', name, 'src'), { recursive: true });
  const declared = Object.fromEntries(dependencies.map((dependency) => [dependency, '*']));
  writeFileSync(
    join(root, 'packages', name, 'package.json'),
    JSON.stringify({ name: `@lading/${name}`, dependencies: declared }),
  );
  writeFileSync(join(root, 'packages', name, 'src', file), source);
}

it('finds no fault in a house that follows its plan', () => {
  expect(floorFaults(root)).toEqual([]);
});

it('lets the Node side of a pure package import from Node', () => {
  write('errors', "import 'node:fs';", [], 'node.ts');
  expect(floorFaults(root)).toEqual([]);
});

it('does not look at tests', () => {
  write('errors', "import '@lading/store';", [], 'x.test.ts');
  expect(floorFaults(root)).toEqual([]);
});

const cases: [string, () => void, string][] = [
  [
    'a pure file that imports the Node side of its package',
    () => write('errors', "export { x } from './node.ts';"),
    'packages/errors/src/index.ts is pure and must not import ./node.ts',
  ],
  [
    'an import that goes up',
    () => write('linux', "import { x } from '@lading/store';", ['@lading/store']),
    'packages/linux/src/index.ts on floor 2 imports @lading/store on floor 3',
  ],
  [
    'a dynamic import that goes up',
    () => write('linux', "await import('@lading/store');", ['@lading/store']),
    'packages/linux/src/index.ts on floor 2 imports @lading/store on floor 3',
  ],
  [
    'a neighbour that the plan does not name',
    () => write('store', "export * from '@lading/copy';", ['@lading/copy']),
    'packages/store/src/index.ts on floor 3 imports @lading/copy on floor 3',
  ],
  [
    'a lower floor that the plan does not open',
    () => write('copy', "import type { M } from '@lading/linux';", ['@lading/linux']),
    'packages/copy/src/index.ts may not import @lading/linux',
  ],
  [
    'koffi outside of linux',
    () => write('store', "import koffi from 'koffi';", ['koffi']),
    'packages/store/src/index.ts imports koffi; only packages/linux may',
  ],
  [
    'Node in a pure package',
    () => write('errors', "import { readFile } from 'node:fs/promises';"),
    'packages/errors/src/index.ts is pure and must not import node:fs/promises',
  ],
  [
    'Node without its prefix in a pure package',
    () => write('errors', "import fs from 'fs';"),
    'packages/errors/src/index.ts is pure and must not import fs',
  ],
  [
    'an undeclared dependency',
    () => write('store', "import 'undici';"),
    'packages/store/src/index.ts imports undici, which its package.json does not declare',
  ],
  [
    "a path into another package's folder",
    () => write('store', "import '../../linux/src/index.ts';"),
    'packages/store/src/index.ts reaches out of its package: ../../linux/src/index.ts',
  ],
  [
    'a package without a place',
    () => write('stray', 'export {};'),
    'packages/stray has no place in docs/architecture.md',
  ],
  [
    'a planned package that is there',
    () => write('later', 'export {};'),
    'packages/later has no place in docs/architecture.md',
  ],
  [
    'a package of the plan that is missing',
    () => rmSync(join(root, 'packages/copy'), { recursive: true }),
    'packages/copy is in docs/architecture.md but not there',
  ],
];

it.each(cases)('names %s', (_name, breakRule, fault) => {
  breakRule();
  expect(floorFaults(root)).toEqual([fault]);
});
